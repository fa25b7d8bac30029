using System.Runtime.Versioning;

namespace SdAspire.Hosting.Tests;

[SupportedOSPlatform("linux")]
public sealed class PasswordTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task GeneratedPasswordStaysTheSameAndIsForItsOwnerOnly()
    {
        var first = await PasswordAsync("db-password");
        var other = await PasswordAsync("other-password");

        first.Length.ShouldBe(22);
        first.ShouldAllBe(c => char.IsAsciiLetterOrDigit(c));
        other.ShouldNotBe(first);
        (await PasswordAsync("db-password")).ShouldBe(first);
        (await PasswordAsync("other-password")).ShouldBe(other);
        File.GetUnixFileMode(_folder["store/secrets.json"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(_folder["store"]).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task GeneratedParameterIsKeptOnlyIfWanted()
    {
        var kept = await ValueAsync(persist: true);
        var passing = await ValueAsync(persist: false);

        (await ValueAsync(persist: true)).ShouldBe(kept);
        (await ValueAsync(persist: false)).ShouldNotBe(passing);

        async Task<string?> ValueAsync(bool persist) => await Applications.Create(_folder)
            .AddParameter("key", new GenerateParameterDefault(), secret: true, persist).Resource.GetValueAsync(default);
    }

    [Fact]
    public async Task GivenPasswordIsPreferredAndNotKept()
    {
        (await PasswordAsync("db-password", "Parameters:db-password")).ShouldBe("given");
        (await PasswordAsync("db-password", "Parameters:db_password")).ShouldBe("given");
        Directory.Exists(_folder["store"]).ShouldBeFalse();
    }

    [Fact]
    public async Task SpoiledStoreIsNotOverwritten()
    {
        Directory.CreateDirectory(_folder["store"]);
        File.WriteAllText(_folder["store/secrets.json"], "{ not json");

        (await Should.ThrowAsync<DistributedApplicationException>(() => PasswordAsync("db-password")))
            .Message.ShouldContain(_folder["store/secrets.json"]);
        File.ReadAllText(_folder["store/secrets.json"]).ShouldBe("{ not json");
    }

    [Fact]
    public void EveryKindOfCharacterOccursAsOftenAsAsked()
    {
        var password = new GenerateParameterDefault { MinLength = 10, MinLower = 3, MinUpper = 3, MinNumeric = 3, MinSpecial = 3 }.GetDefaultValue();

        password.Length.ShouldBe(12);
        password.Count(char.IsAsciiLetterLower).ShouldBe(3);
        password.Count(char.IsAsciiLetterUpper).ShouldBe(3);
        password.Count(char.IsAsciiDigit).ShouldBe(3);
    }

    private async Task<string> PasswordAsync(string name, string? givenAs = null)
    {
        var builder = Applications.Create(_folder);
        if (givenAs is not null) builder.Configuration[givenAs] = "given";
        var parameter = ParameterResourceBuilderExtensions.CreateDefaultPasswordParameter(builder, name, special: false);
        return (await parameter.GetValueAsync(default))!;
    }
}
