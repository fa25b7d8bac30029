using System.Text.Json.Serialization;

namespace SdAspire.Scaler.Jobs;

/// <summary>One job: a worker process, from its start on.</summary>
/// <param name="Name">Unique among the jobs of this launcher.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="ProcessId">The id of its process, also after that has ended.</param>
/// <param name="StartedAt">When its process was started.</param>
public sealed record Job(string Name, JobState State, int ProcessId, DateTimeOffset StartedAt)
{
    /// <summary>The task of the message that it took last, where the worker tells it.</summary>
    public string? Task { get; init; }

    /// <summary>The how manieth attempt at that task it is, from 1.</summary>
    public int? Attempt { get; init; }

    /// <summary>Its GPUs, where the launcher gives them away.</summary>
    public string? Gpus { get; init; }

    /// <summary>When its process had ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The process's exit code; 128 + N after signal N.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Why it ended.</summary>
    public JobReason? Reason { get; init; }

    /// <summary>The last line that it wrote to standard error, where it failed.</summary>
    public string? Message { get; init; }

    /// <summary>The CPU time that it took, from the kernel's account at its end.</summary>
    public double? CpuSeconds { get; init; }

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

/// <summary>Why a job ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<JobReason>))]
public enum JobReason
{
    /// <summary>Exit code 0: the message is done with, or put back on request.</summary>
    Completed,

    /// <summary>Exit code 3: the message is among the dead letters.</summary>
    DeadLettered,

    /// <summary>Exit code 1 or a signal: something that may pass.</summary>
    TransientFailure,

    /// <summary>Exit code 2, or a command that cannot be run: every further job would end the same way.</summary>
    ConfigurationError,

    /// <summary>It ran longer than <c>activeDeadlineSeconds</c>, however it then ended.</summary>
    DeadlineExceeded,
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
