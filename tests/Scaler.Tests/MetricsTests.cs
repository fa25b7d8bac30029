using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using SdAspire.Tests.Shared;

namespace SdAspire.Scaler.Tests;

[Collection(nameof(LauncherFixture))]
public class MetricsTests(LauncherFixture fixture)
{
    /// <summary>A worker that computes, itself and in a process of its own, and ends as its number says.</summary>
    private const string Computing = """
        compute() { for ((i = 0; i < 100000; i++)); do :; done; }
        touch "$Worker__ReadinessFile"; compute; (compute); echo "$BASHPID" >> "$FOLDER/done"
        [ "$(wc -l < "$FOLDER/done")" -gt 1 ] && exit 3; exit 0
        """;

    [Fact]
    public async Task What_jobs_did_and_cost_can_be_scraped()
    {
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, Computing, ("Scaler__pricePerHour", "36"), ("Scaler__Gpu__Mode", "shared"), ("Scaler__Gpu__Replicas", "2"),
            ("CUDA_VISIBLE_DEVICES", "0"), ("Scaler__maxReplicaCount", "1"));
        await fixture.PublishAsync();
        await launcher.SeesAsync("ended with exit code 3");
        await fixture.PurgeAsync();
        await launcher.SeesTimesAsync("Starting none: 0 messages ready, 0 workers running", 2);
        using var http = await launcher.ClientAsync();
        IReadOnlyList<Sample> samples = [];
        await Eventually.TrueAsync(async () =>
        {
            samples = Read(await http.GetStringAsync("/metrics"));
            return Value("sdaspire_jobs", "pending") + Value("sdaspire_jobs", "running") == 0 && Value("sdaspire_queue_messages", "tasks") == 0;
        }, explain: () => string.Join('\n', samples));

        var jobs = (await http.GetFromJsonAsync<JsonElement>("/jobs")).EnumerateArray().ToList();
        Value("sdaspire_jobs", "succeeded").ShouldBe(1);
        Value("sdaspire_jobs", "failed").ShouldBe(jobs.Count - 1);
        Value("sdaspire_jobs_started_total").ShouldBe(jobs.Count);
        Value("sdaspire_jobs_ended_total", "Completed").ShouldBe(1);
        Value("sdaspire_jobs_ended_total", "DeadLettered").ShouldBe(jobs.Count - 1);
        Value("sdaspire_jobs_ended_total", "DeadlineExceeded").ShouldBe(0);
        Value("sdaspire_job_launch_duration_seconds_count").ShouldBe(jobs.Count);
        Value("sdaspire_job_duration_seconds_count").ShouldBe(jobs.Count);

        // The jobs' own figures add up to them.
        var seconds = Value("sdaspire_job_duration_seconds_sum");
        seconds.ShouldBeGreaterThan(0);
        Value("sdaspire_job_gpu_seconds_total").ShouldBe(seconds / 2, tolerance: 1e-6);
        Value("sdaspire_estimated_cost_total").ShouldBe(seconds / 100, tolerance: 1e-6);
        var cpu = jobs.Select(job => job.GetProperty("cpuSeconds").GetDouble()).ToList();
        cpu.ShouldAllBe(one => one > 0);
        Value("sdaspire_job_cpu_seconds_total").ShouldBe(cpu.Sum(), tolerance: 1e-6);

        double Value(string name, string label = "") =>
            samples.Where(sample => sample.Name == name && (label.Length == 0 || sample.Labels.Contains($"=\"{label}\"", StringComparison.Ordinal)))
                .Select(sample => sample.Value).SingleOrDefault(double.NaN);
    }

    [Fact]
    public async Task The_CPU_time_is_the_kernels_own_account()
    {
        // The shell's own account of its children is taken at the end of what they did.
        await using var launcher = await LauncherProcess.StartAsync(
            fixture, "for ((i = 0; i < 300000; i++)); do :; done; touch \"$Worker__ReadinessFile\"; cat /proc/$$/schedstat; exit 0",
            ("Scaler__maxReplicaCount", "1"));
        await fixture.PublishAsync();
        await launcher.SeesAsync("ended with exit code 0");
        using var http = await launcher.ClientAsync();
        var job = (await http.GetFromJsonAsync<JsonElement>("/jobs")).EnumerateArray().First();
        var log = await http.GetStringAsync($"/jobs/{job.GetProperty("name").GetString()}/log");
        var nanoseconds = long.Parse(log.Split(' ')[0], CultureInfo.InvariantCulture);
        // The shell goes on for a moment, and `cat` is its child.
        job.GetProperty("cpuSeconds").GetDouble().ShouldBeInRange(nanoseconds / 1e9 * 0.95, (nanoseconds / 1e9 * 1.2) + 0.2);
    }

    private static List<Sample> Read(string text) =>
    [
        .. text.Split('\n').Where(line => line.StartsWith("sdaspire_", StringComparison.Ordinal)).Select(line =>
        {
            var (name, value) = (line[..line.LastIndexOf(' ')], line[(line.LastIndexOf(' ') + 1)..]);
            var labels = name.IndexOf('{', StringComparison.Ordinal);
            return new Sample(labels < 0 ? name : name[..labels], labels < 0 ? "" : name[labels..],
                double.Parse(value, CultureInfo.InvariantCulture));
        }),
    ];

    private sealed record Sample(string Name, string Labels, double Value);
}
