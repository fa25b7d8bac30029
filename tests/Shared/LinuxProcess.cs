using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace SdAspire.Tests.Shared;

internal enum Signal
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}

/// <summary>A process as /proc shows it. The start time tells it from a later one with the same number.</summary>
internal sealed record LinuxProcess(int Id, ulong StartTime)
{
    public bool IsRunning => Read(Id) is { State: not ('Z' or 'X') } stat && stat.StartTime == StartTime;

    public string CommandLine => TryRead($"/proc/{Id}/cmdline")?.Replace('\0', ' ').Trim() ?? "";

    public IReadOnlyDictionary<string, string> Environment =>
        (TryRead($"/proc/{Id}/environ") ?? "").Split('\0', StringSplitOptions.RemoveEmptyEntries)
        .Select(variable => variable.Split('=', 2))
        .ToDictionary(variable => variable[0], variable => variable[1]);

    /// <summary>Whether there was such a process.</summary>
    public static bool Send(int id, Signal signal) => Kill(id, (int)signal) == 0;

    /// <summary>The process itself and all that descend from it.</summary>
    public static IReadOnlyList<LinuxProcess> Tree(int id)
    {
        var children = All().ToLookup(one => one.Parent);
        var tree = new List<LinuxProcess>();
        var next = new Queue<int>([id]);
        while (next.TryDequeue(out var parent))
        {
            if (Read(parent) is { } stat)
                tree.Add(new(parent, stat.StartTime));
            foreach (var child in children[parent])
                next.Enqueue(child.Id);
        }

        return tree;
    }

    /// <summary>Those whose command line or environment, as it was at their start, holds the text.</summary>
    public static IReadOnlyList<LinuxProcess> Mentioning(string text) =>
    [
        .. from stat in All()
           let process = new LinuxProcess(stat.Id, stat.StartTime)
           where stat.State is not ('Z' or 'X') && process.Id != System.Environment.ProcessId
           where process.CommandLine.Contains(text, StringComparison.Ordinal)
               || (TryRead($"/proc/{stat.Id}/environ")?.Contains(text, StringComparison.Ordinal) ?? false)
           select process,
    ];

    /// <summary>Waits until none of the processes runs.</summary>
    public static Task AllEnd(IReadOnlyCollection<LinuxProcess> processes) => Eventually.TrueAsync(
        () => !processes.Any(process => process.IsRunning),
        explain: () => $"Still running:\n{string.Join('\n', processes.Where(process => process.IsRunning).Select(process => process.CommandLine))}");

    /// <summary>The addresses at which any of the processes listens.</summary>
    public static IReadOnlyList<IPEndPoint> Listeners(IEnumerable<LinuxProcess> processes)
    {
        var sockets = processes.SelectMany(one => Descriptors(one.Id)).ToHashSet();
        return [.. from table in new[] { "/proc/net/tcp", "/proc/net/tcp6" }
                   where File.Exists(table)
                   from line in File.ReadLines(table).Skip(1)
                   let fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                   where fields[3] == "0A" && sockets.Contains($"socket:[{fields[9]}]")
                   select ParseEndPoint(fields[1])];
    }

    private static IEnumerable<string> Descriptors(int id)
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries($"/proc/{id}/fd").Select(fd => new FileInfo(fd).LinkTarget ?? "")];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Addresses stand there as 32-bit words in the machine's byte order.</summary>
    private static IPEndPoint ParseEndPoint(string text)
    {
        var (address, port) = (text.Split(':')[0], text.Split(':')[1]);
        var bytes = Convert.FromHexString(address);
        for (var word = 0; word < bytes.Length; word += 4)
            Array.Reverse(bytes, word, 4);
        return new IPEndPoint(new IPAddress(bytes), int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    private static IEnumerable<Stat> All() =>
        from folder in Directory.EnumerateDirectories("/proc")
        let id = int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var number) ? number : 0
        where id > 0
        let stat = Read(id)
        where stat is not null
        select stat;

    private static Stat? Read(int id)
    {
        // The name is in parentheses and may hold anything, spaces and parentheses too.
        if (TryRead($"/proc/{id}/stat") is not { } text)
            return null;
        var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return new(id, fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture), ulong.Parse(fields[19], CultureInfo.InvariantCulture));
    }

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int id, int signal);

    private sealed record Stat(int Id, char State, int Parent, ulong StartTime);
}
