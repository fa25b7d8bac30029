using System.Security.Cryptography;
using Aspire.Hosting.Running;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where a parameter's value comes from when none is given.</summary>
public abstract class ParameterDefault
{
    /// <summary>Gets the value.</summary>
    public abstract string GetDefaultValue();
}

/// <summary>Generates a password.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    // Characters that are told apart easily, and that need no quoting in a URI or a connection string.
    private const string LowerCharacters = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperCharacters = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string NumericCharacters = "0123456789";
    private const string SpecialCharacters = "-_.{}~()*+!";

    /// <summary>The length; 22 characters hold 128 bits.</summary>
    public int MinLength { get; set; } = 22;

    /// <summary>Whether lower-case letters are used.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Whether upper-case letters are used.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Whether digits are used.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Whether other characters are used.</summary>
    public bool Special { get; set; } = true;

    /// <summary>How many lower-case letters there are at least.</summary>
    public int MinLower { get; set; }

    /// <summary>How many upper-case letters there are at least.</summary>
    public int MinUpper { get; set; }

    /// <summary>How many digits there are at least.</summary>
    public int MinNumeric { get; set; }

    /// <summary>How many other characters there are at least.</summary>
    public int MinSpecial { get; set; }

    /// <inheritdoc />
    public override string GetDefaultValue()
    {
        (bool Used, string Characters, int Minimum)[] kinds =
        [
            (Lower, LowerCharacters, MinLower),
            (Upper, UpperCharacters, MinUpper),
            (Numeric, NumericCharacters, MinNumeric),
            (Special, SpecialCharacters, MinSpecial),
        ];
        var all = string.Concat(kinds.Where(k => k.Used).Select(k => k.Characters));
        if (all.Length == 0) throw new InvalidOperationException("At least one kind of character must be used.");
        if (kinds.Any(k => !k.Used && k.Minimum > 0))
            throw new InvalidOperationException("A kind of character that is not used cannot have a minimum.");

        var characters = kinds.SelectMany(k => RandomNumberGenerator.GetItems<char>(k.Characters, k.Minimum)).ToList();
        characters.AddRange(RandomNumberGenerator.GetItems<char>(all, Math.Max(0, MinLength - characters.Count)));
        var password = characters.ToArray();
        RandomNumberGenerator.Shuffle(password.AsSpan());
        return new string(password);
    }
}

sealed class ConstantParameterDefault(Func<string> valueGetter) : ParameterDefault
{
    public override string GetDefaultValue() => valueGetter();
}

/// <summary>Keeps what another default gives, so that it is the same in the next run.</summary>
sealed class PersistentParameterDefault(string name, ParameterDefault inner, SecretStore store) : ParameterDefault
{
    public override string GetDefaultValue() => store.GetOrAdd($"Parameters:{name}", inner.GetDefaultValue);
}
