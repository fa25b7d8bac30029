using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace SdAspire.AppHost;

/// <summary>The AppHost's command line; paths are absolute.</summary>
sealed record RunOptions
{
    private const int DefaultPort = 8080;
    public const int DefaultDashboardPort = 18888;
    private const int MaxPort = 65535;
    private const string DefaultData = ".data";

    // Aspire's own, each with a value; so is any configuration key, such as --Parameters:name.
    private static readonly string[] AspireOptions =
    [
        "--operation", "--step", "--output-path", "--log-level", "--include-exception-details", "--environment", "--clear-cache",
        "--publisher",
    ];

    /// <summary>What to paint before it all ends again; null to stay.</summary>
    public string? Prompt { get; private init; }

    /// <summary>Where the picture goes.</summary>
    public string? Out { get; private init; }

    public int? Count { get; private init; }

    public long? Seed { get; private init; }

    public int? Steps { get; private init; }

    /// <summary>The page's port; null for a free one.</summary>
    public int? Port { get; private init; }

    /// <summary>The dashboard's port: 0 is a free one, and null is for the launch profile to say.</summary>
    public int? DashboardPort { get; private init; }

    /// <summary>The folder of all state.</summary>
    public required string Data { get; init; }

    /// <summary>The model's directory.</summary>
    public required string Model { get; init; }

    /// <summary>What Aspire is told. A prompt is painted without a dashboard: nobody would look at it.</summary>
    public DistributedApplicationOptions ToBuilderOptions(string[] args) => new()
    {
        Args = args,
        DashboardApplicationName = nameof(SdAspire),
        DisableDashboard = Prompt is not null,
    };

    /// <summary>Reads the command line; what is wrong with it is told in one line.</summary>
    public static bool TryParse(string[] args, [NotNullWhen(true)] out RunOptions? options, out int exitCode)
    {
        var grammar = new Grammar();
        var result = grammar.Root.Parse(WithoutAspireOptions(args), new ParserConfiguration { ResponseFileTokenReplacer = null });
        (options, exitCode) = (null, ExitCode.Usage);
        if (result.Action is not null && result.Errors.Count == 0)
        {
            exitCode = result.Invoke();
            return false;
        }
        var problem = result.UnmatchedTokens is [var unknown, ..] ? $"'{unknown}' is not an option: --help lists them."
            : result.Errors is [var error, ..] ? error.Message
            : grammar.Problem(result);
        if (problem is null && TryFindModel(result.GetValue(grammar.Model), out var model, out problem))
        {
            options = grammar.Options(result, model);
            return true;
        }
        Console.Error.WriteLine(problem!.ReplaceLineEndings(" "));
        return false;
    }

    private static List<string> WithoutAspireOptions(string[] args)
    {
        var own = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i].Split('=')[0];
            if (!AspireOptions.Contains(name) && !(name.StartsWith("--", StringComparison.Ordinal) && name.Contains(':')))
                own.Add(args[i]);
            else if (name == args[i])
                i++;
        }
        return own;
    }

    private static bool TryFindModel(string? given, out string model, out string? problem)
    {
        var models = Path.Combine(Path.GetDirectoryName(Projects.AppHost.ProjectPath)!, "models");
        var choice = Path.Combine(models, "default");
        model = given is not null ? Path.GetFullPath(given)
            : File.Exists(choice) ? Path.Combine(models, File.ReadAllText(choice).Trim())
            : "";
        problem = model.Length == 0 ? $"There is no default model, because there is no file {choice}: choose one with --model DIR."
            : !Directory.Exists(model) ? $"There is no model directory {model}: choose another one with --model DIR."
            : null;
        return problem is null;
    }

    private sealed class Grammar
    {
        private readonly Option<string?> _prompt = new("--prompt") { Description = "Paint this, write the picture and end." };
        private readonly Option<string?> _out = new("--out") { Description = "The file of the picture (PNG)." };
        private readonly Option<int?> _count = Whole("--count", "How many pictures; they are numbered from 0.", 1, int.MaxValue);
        private readonly Option<long?> _seed = Whole("--seed", "Paints the same picture again.", 0, (1L << 53) - 1);
        private readonly Option<int?> _steps = Whole("--steps", "Steps of painting.", 1, int.MaxValue);
        private readonly Option<int?> _port = Whole("--port", $"The page's port, {DefaultPort} by default; 0 takes a free one.", 0, MaxPort);
        private readonly Option<int?> _dashboardPort =
            Whole("--dashboard-port", $"The dashboard's port, {DefaultDashboardPort} by default; 0 takes a free one.", 0, MaxPort);
        private readonly Option<string?> _data = new("--data") { Description = "The folder of all state; .data in the repository by default." };

        public Grammar()
        {
            Root = new("Paints pictures from text: starts all services, and stays until it is stopped.")
            {
                _prompt, _out, _count, _seed, _steps, _port, _dashboardPort, _data, Model,
            };
            Root.TreatUnmatchedTokensAsErrors = false;
        }

        public RootCommand Root { get; }

        public Option<string?> Model { get; } = new("--model") { Description = "The directory of the model, in diffusers layout." };

        public string? Problem(ParseResult result)
        {
            var prompt = result.GetValue(_prompt);
            if (prompt is null)
                return new Option[] { _out, _count, _seed, _steps }.FirstOrDefault(o => result.GetResult(o) is not null) is { } alone
                    ? $"{alone.Name} takes a --prompt."
                    : null;
            if (string.IsNullOrWhiteSpace(prompt)) return "--prompt is empty.";
            if (string.IsNullOrWhiteSpace(result.GetValue(_out))) return "--prompt takes an --out FILE.";
            if (Directory.Exists(result.GetValue(_out))) return $"--out {result.GetValue(_out)} is a directory, not a file.";
            return null;
        }

        public RunOptions Options(ParseResult result, string model) => new()
        {
            Prompt = result.GetValue(_prompt),
            Out = result.GetValue(_out) is { } path ? Path.GetFullPath(path) : null,
            Count = result.GetValue(_count),
            Seed = result.GetValue(_seed),
            Steps = result.GetValue(_steps),
            Port = FreeIfZero(result.GetValue(_port) ?? DefaultPort),
            DashboardPort = result.GetValue(_dashboardPort),
            Data = Path.GetFullPath(result.GetValue(_data)
                ?? Path.Combine(Path.GetDirectoryName(Projects.AppHost.ProjectPath)!, DefaultData)),
            Model = model,
        };

        private static int? FreeIfZero(int port) => port == 0 ? null : port;

        private static Option<T?> Whole<T>(string name, string description, T least, T most) where T : struct, INumber<T> => new(name)
        {
            Description = description,
            CustomParser = argument =>
            {
                var text = argument.Tokens[0].Value;
                if (T.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                    && number >= least && number <= most)
                    return number;
                argument.AddError($"{name} {text} is not a whole number from {least} to {most}.");
                return null;
            },
        };
    }
}

/// <summary>The AppHost's exit codes.</summary>
static class ExitCode
{
    public const int Success = 0;

    /// <summary>Something could not be started or painted.</summary>
    public const int Failure = 1;

    /// <summary>The command line or the model is wrong; nothing was started.</summary>
    public const int Usage = 2;
}
