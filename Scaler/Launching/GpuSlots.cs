using Microsoft.Extensions.Options;
using SdAspire.Keda.Settings;

namespace SdAspire.Scaler.Launching;

/// <summary>Which worker has which GPU: never more on one than it may have.</summary>
public sealed class GpuSlots(IOptions<ScalerOptions> options)
{
    private readonly Lock _lock = new();
    private readonly GpuOptions _options = options.Value.Gpu;
    private readonly Dictionary<string, int> _workers = options.Value.Gpu.Devices.ToDictionary(device => device, _ => 0);

    /// <summary>Gives away what one worker needs, as the value of its CUDA_VISIBLE_DEVICES.</summary>
    /// <param name="devices">Null where workers are given no GPUs.</param>
    /// <returns>Whether there was enough.</returns>
    public bool TryTake(out string? devices)
    {
        devices = null;
        if (_options.Mode == GpuMode.None)
            return true;
        var (needed, limit) = _options.Mode == GpuMode.Exclusive ? (_options.Count, 1) : (1, _options.Replicas);
        lock (_lock)
        {
            // The one with the fewest first: sharing begins when all have somebody.
            var free = _options.Devices.Where(device => _workers[device] < limit)
                .OrderBy(device => _workers[device]).Take(needed).ToList();
            if (free.Count < needed)
                return false;
            foreach (var device in free)
                _workers[device]++;
            devices = string.Join(',', free);
            return true;
        }
    }

    public void Return(string? devices)
    {
        if (devices is null)
            return;
        lock (_lock)
            foreach (var device in devices.Split(','))
                _workers[device]--;
    }
}
