using System.ComponentModel.DataAnnotations;

namespace SdAspire.WebUi.Gallery;

/// <summary>Section <c>LostTasks</c>.</summary>
public sealed class LostTasksOptions
{
    public const string Section = "LostTasks";
    public const int MaxSeconds = 86_400;

    /// <summary>
    /// For how long nothing may be heard of a task, while its queue is empty, until it is published again; 0 for never. Should be
    /// longer than a model takes to load.
    /// </summary>
    [Range(0, MaxSeconds)]
    public int AfterSeconds { get; set; } = 120;
}
