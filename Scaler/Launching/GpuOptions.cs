using SdAspire.Keda.Settings;

namespace SdAspire.Scaler.Launching;

/// <summary>Section <c>Scaler:Gpu</c>: how many workers a GPU may have, in the words of the chart.</summary>
public sealed record GpuOptions
{
    /// <summary>none: no worker is given any; exclusive: each has its own; shared: several have one together.</summary>
    public GpuMode Mode { get; set; }

    /// <summary>Only for exclusive: GPUs of each worker.</summary>
    public int Count { get; set; } = 1;

    /// <summary>Only for shared: workers of each GPU, as many as its memory has room for.</summary>
    public int Replicas { get; set; } = 4;

    /// <summary>
    /// The GPUs, as CUDA_VISIBLE_DEVICES names them. Without any: those of the launcher's own CUDA_VISIBLE_DEVICES, or all of
    /// the machine.
    /// </summary>
    public IList<string> Devices { get; init; } = [];

    /// <summary>Workers at a time that there are GPUs for.</summary>
    public int Capacity => Mode == GpuMode.Exclusive ? Devices.Count / Math.Max(1, Count) : Devices.Count * Replicas;

    /// <summary>GPUs, or the part of one, that a worker has to itself.</summary>
    public double Share => Mode switch { GpuMode.None => 0, GpuMode.Exclusive => Count, _ => 1.0 / Replicas };

    /// <summary>Finds the GPUs where none are named.</summary>
    public void Detect(string? visible, string driverFolder)
    {
        if (Mode == GpuMode.None || Devices.Count > 0)
            return;
        var found = visible is not null
            ? visible.Split(',', StringSplitOptions.TrimEntries).TakeWhile(device => device is not ("" or "-1"))
            : Directory.Exists(driverFolder)
                ? Enumerable.Range(0, Directory.EnumerateDirectories(driverFolder).Count()).Select(n => $"{n}")
                : [];
        foreach (var device in found)
            Devices.Add(device);
    }

    public IEnumerable<string> Problems()
    {
        if (!Enum.IsDefined(Mode))
            yield return $"Mode is {Mode}, it must be none, exclusive or shared.";
        if (Count < 1)
            yield return $"Count is {Count}, it must be at least 1.";
        if (Replicas < 1)
            yield return $"Replicas is {Replicas}, it must be at least 1.";
        if (Devices.Any(device => device.Length == 0 || device.Any(c => c is ',' || char.IsWhiteSpace(c))))
            yield return "Devices has one that is no number and no UUID.";
        else if (Devices.Distinct(StringComparer.Ordinal).Count() < Devices.Count)
            yield return $"Devices has one twice: {string.Join(", ", Devices)}.";
        else if (Mode != GpuMode.None && Devices.Count == 0)
            yield return $"Mode is {Mode.ToString().ToLowerInvariant()}, but there is no GPU: name them in Scaler:Gpu:Devices, "
                + "or set it to none.";
        else if (Mode == GpuMode.Exclusive && Count > Devices.Count)
            yield return $"Count is {Count}, but there are {Devices.Count} GPUs.";
    }
}
