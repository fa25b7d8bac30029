using System.Diagnostics;
using System.Globalization;

namespace Aspire.Hosting.Running;

/// <summary>
/// Outlives the host for a moment: when the host dies, the kernel tells the resources' processes to end, so that they can do
/// it in good order, and this kills those that do not.
/// </summary>
sealed class Guardian : IDisposable
{
    // The host's end of the pipe closes with the host. A group that ended by itself has been taken off the list. The broker takes
    // 6 seconds to end in good order; the time is the clock's, since on a busy machine every round takes longer.
    private const string Script = """
        declare -A groups
        while read -r change group; do
          if [ "$change" = + ]; then groups[$group]=yes; else unset "groups[$group]"; fi
        done
        deadline=$((SECONDS + 8))
        while ((SECONDS < deadline)); do
          for group in "${!groups[@]}"; do kill -0 -- "-$group" || unset "groups[$group]"; done
          ((${#groups[@]} > 0)) || exit 0
          sleep 0.1
        done
        for group in "${!groups[@]}"; do kill -KILL -- "-$group"; done
        """;

    private readonly Lock _lock = new();
    private Process? _process;

    /// <summary>Looks after a process group from now on.</summary>
    public void Watch(int group) => Tell('+', group);

    /// <summary>The group has ended.</summary>
    public void Forget(int group) => Tell('-', group);

    public void Dispose()
    {
        lock (_lock) _process?.StandardInput.Close();
    }

    private void Tell(char change, int group)
    {
        lock (_lock)
        {
            try
            {
                (_process ??= Start()).StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{change} {group}"));
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                // It was killed, or the host is through: there is nobody left to tell.
            }
        }
    }

    private static Process Start() => Process.Start(
        new ProcessStartInfo("setsid", ["bash", "-c", $"exec >/dev/null 2>&1\n{Script}"]) { RedirectStandardInput = true })!;
}
