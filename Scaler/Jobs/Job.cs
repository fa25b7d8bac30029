using System.Text.Json.Serialization;

namespace SdAspire.Scaler.Jobs;

/// <summary>One job: a worker process, from its start on.</summary>
/// <param name="Name">Unique among the jobs of this launcher.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="ProcessId">The id of its process, also after that has ended.</param>
/// <param name="StartedAt">When its process was started.</param>
/// <param name="EndedAt">When its process had ended.</param>
/// <param name="ExitCode">The process's exit code; 128 + N after signal N.</param>
public sealed record Job(
    string Name, JobState State, int ProcessId, DateTimeOffset StartedAt, DateTimeOffset? EndedAt = null, int? ExitCode = null)
{
    /// <summary>Whether its process runs.</summary>
    [JsonIgnore]
    public bool IsActive => State is JobState.Pending or JobState.Running;
}

/// <summary>Where a job is in its life.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobState>))]
public enum JobState
{
    /// <summary>Started, but has not taken a message.</summary>
    [JsonStringEnumMemberName("pending")]
    Pending,

    /// <summary>Has taken a message.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Ended with exit code 0.</summary>
    [JsonStringEnumMemberName("succeeded")]
    Succeeded,

    /// <summary>Ended otherwise.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,
}

/// <summary>Something that a follower of the jobs is told.</summary>
public abstract record JobEvent;

/// <summary>The jobs that run when one begins to follow.</summary>
public sealed record JobsActive(IReadOnlyList<Job> Jobs) : JobEvent;

/// <summary>A job's new state.</summary>
public sealed record JobChanged(Job Job) : JobEvent;

/// <summary>A line that a job wrote.</summary>
/// <param name="Name">The job.</param>
/// <param name="Text">The line.</param>
/// <param name="IsError">Whether it was written to standard error.</param>
public sealed record JobLine(string Name, string Text, bool IsError) : JobEvent;

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<Job>))]
[JsonSerializable(typeof(JobLine))]
sealed partial class JobJson : JsonSerializerContext;
