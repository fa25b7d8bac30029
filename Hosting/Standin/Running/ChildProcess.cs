using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Aspire.Hosting.Running;

/// <summary>What to start.</summary>
sealed record ChildProcessStart(
    string Command, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment);

/// <summary>
/// A child process with a session of its own, so that Ctrl+C in the terminal reaches only the host, which then stops its
/// children in order; and which is told to end when the host is gone, whatever the host died of, and killed if it does not.
/// </summary>
sealed class ChildProcess
{
    private const int Sigkill = 9;
    private const int Sigterm = 15;

    // These speak of the AppHost itself; Aspire's orchestrator does not pass them on either.
    private static readonly string[] NotInherited =
        ["ASPNETCORE_URLS", "DOTNET_LAUNCH_PROFILE", "ASPNETCORE_ENVIRONMENT", "DOTNET_ENVIRONMENT"];

    // So do these, and some of them are secrets.
    private static readonly string[] PrefixesNotInherited = ["ASPIRE_", "DOTNET_DASHBOARD_", "Parameters__"];

    private readonly Process _process;
    private readonly Guardian _guardian;

    private ChildProcess(Process process, Guardian guardian, Action<string, bool> onLine)
    {
        _process = process;
        _guardian = guardian;
        Id = process.Id;
        guardian.Watch(Id);
        Exited = WaitAsync(
            PumpAsync(process.StandardOutput, line => onLine(line, false)),
            PumpAsync(process.StandardError, line =>
            {
                if (!string.IsNullOrWhiteSpace(line)) LastError = line.Trim();
                onLine(line, true);
            }));
    }

    /// <summary>The id of the process, of its group and of its session.</summary>
    public int Id { get; }

    /// <summary>The last line on standard error.</summary>
    public string? LastError { get; private set; }

    /// <summary>The exit code; 128 + N after signal N.</summary>
    public Task<int> Exited { get; }

    /// <param name="spawner">Starts the process.</param>
    /// <param name="guardian">Ends the process if the host cannot.</param>
    /// <param name="start">What to start.</param>
    /// <param name="onLine">Takes each line of output, and whether it is one of standard error.</param>
    public static async Task<ChildProcess> StartAsync(
        ProcessSpawner spawner, Guardian guardian, ChildProcessStart start, Action<string, bool> onLine)
    {
        // setpriv asks for the signal only after the fork: if the host has died by then, the shell finds another parent. It is
        // bash because sh drops variables whose names are no identifiers, such as ConnectionStrings__my-db.
        var info = new ProcessStartInfo("setsid")
        {
            ArgumentList =
            {
                "setpriv", "--pdeathsig", "TERM", "--",
                "bash", "-c", """[ "$PPID" = "$0" ] && exec "$@" """,
                Environment.ProcessId.ToString(CultureInfo.InvariantCulture), start.Command,
            },
            WorkingDirectory = start.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in start.Arguments) info.ArgumentList.Add(argument);
        foreach (var name in info.Environment.Keys.Where(IsNotInherited).ToList()) info.Environment.Remove(name);
        foreach (var (name, value) in start.Environment) info.Environment[name] = value;

        var process = await spawner.StartAsync(info).ConfigureAwait(false);
        process.StandardInput.Close();
        return new(process, guardian, onLine);
    }

    /// <summary>Asks the process to end, waits that long, then kills it and all that it left in its process group.</summary>
    public async Task StopAsync(TimeSpan grace, TimeProvider time)
    {
        if (!Exited.IsCompleted) Kill(Id, Sigterm);
        try
        {
            await Exited.WaitAsync(grace, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Kill(-Id, Sigkill);
            await Exited.ConfigureAwait(false);
        }
    }

    private static bool IsNotInherited(string name) =>
        NotInherited.Contains(name) || PrefixesNotInherited.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase));

    private async Task<int> WaitAsync(params Task[] pumps)
    {
        await _process.WaitForExitAsync().ConfigureAwait(false);
        Kill(-Id, Sigkill);
        _guardian.Forget(Id);
        // A grandchild outside the group may hold on to the pipes: the last lines are worth a moment, not more.
        await Task.WhenAny(Task.WhenAll(pumps), Task.Delay(TimeSpan.FromSeconds(1))).ConfigureAwait(false);
        return _process.ExitCode;
    }

    private static async Task PumpAsync(StreamReader reader, Action<string> onLine)
    {
        try
        {
            var lines = new BoundedLineReader(reader, ResourceLog.MaxLineLength);
            while (await lines.ReadLineAsync().ConfigureAwait(false) is { } line) onLine(line);
        }
        catch (IOException)
        {
            // The pipe broke with the process.
        }
    }

    private static void Kill(int id, int signal) => _ = NativeKill(id, signal);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int NativeKill(int id, int signal);
}
