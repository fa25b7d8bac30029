using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace SdAspire.Generation;

/// <summary>A model that can be asked for.</summary>
/// <param name="Queue">Where its tasks go.</param>
public sealed record ServedModel(ModelProfile Profile, string Queue)
{
    public string Name => Profile.Name;
}

/// <summary>The models that can be asked for, each with a queue of its own.</summary>
public sealed partial class ModelCatalog
{
    private const string SingleModel = "Worker:Model";

    private ModelCatalog(IReadOnlyList<ServedModel> models, ServedModel defaultModel) =>
        (Models, Default) = (models, defaultModel);

    /// <summary>At least one, in the order of their names.</summary>
    public IReadOnlyList<ServedModel> Models { get; }

    /// <summary>The model of requests that name none.</summary>
    public ServedModel Default { get; }

    /// <summary>The names, for a sentence.</summary>
    public string Names => string.Join(", ", Models.Select(model => model.Name));

    /// <returns>The default for null; null for a name that is not served.</returns>
    public ServedModel? Find(string? name) =>
        name is null ? Default : Models.FirstOrDefault(model => string.Equals(model.Name, name, StringComparison.Ordinal));

    /// <summary>
    /// Reads the section <c>Models</c>; without one the catalog is <c>Worker:Model</c> on the queue <c>tasks</c>.
    /// </summary>
    /// <exception cref="InvalidModelProfileException">Something is wrong; the message is one sentence.</exception>
    public static ModelCatalog FromConfiguration(IConfiguration configuration)
    {
        List<ServedModel> models =
        [
            .. configuration.GetSection(ModelOptions.Section).GetChildren()
                .OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .Select(entry => Read(entry.Key, Bind(entry))),
        ];
        if (models.Count == 0)
            models.Add(Single(configuration[SingleModel]));
        var shared = models.GroupBy(model => model.Queue, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        if (shared is not null)
        {
            throw new InvalidModelProfileException(
                $"The models {string.Join(" and ", shared.Select(model => model.Name))} share the queue '{shared.Key}'; "
                + "each needs one of its own.");
        }
        return new ModelCatalog(models, FindDefault(models, configuration[ModelOptions.DefaultModel]));
    }

    // One by one: of a whole dictionary the binder leaves out what it cannot convert.
    private static ModelOptions Bind(IConfigurationSection entry)
    {
        try
        {
            return entry.Get<ModelOptions>() ?? new();
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidModelProfileException(e.Message, e);
        }
    }

    private static ServedModel Single(string? directory) => string.IsNullOrEmpty(directory)
        ? throw new InvalidModelProfileException("Worker__Model is not set: the directory of the model, in diffusers layout.")
        : new ServedModel(ModelProfile.Of(directory), GenerationTopology.Queue);

    private static ServedModel FindDefault(List<ServedModel> models, string? name)
    {
        var names = string.Join(", ", models.Select(model => model.Name));
        if (string.IsNullOrEmpty(name))
        {
            return models is [var only]
                ? only
                : throw new InvalidModelProfileException($"DefaultModel is not set; it must be one of {names}.");
        }
        return models.Find(model => string.Equals(model.Name, name, StringComparison.Ordinal))
            ?? throw new InvalidModelProfileException(
                $"DefaultModel is '{name}', which is not served; it must be one of {names}.");
    }

    private static ServedModel Read(string name, ModelOptions options)
    {
        var at = $"{ModelOptions.Section}__{name}";
        if (!ModelName().IsMatch(name))
            throw new InvalidModelProfileException($"{at}: a model's name has only letters, digits, '.', '_' and '-'.");
        if (QueueName.Fault(options.Queue) is { } fault)
            throw new InvalidModelProfileException($"{at}__Queue {fault}.");
        var profile = Complete(name, options) ?? FromDirectory(name, at, options);
        if (Fault(profile) is { } wrong)
            throw new InvalidModelProfileException($"{at}: {wrong}");
        return new ServedModel(profile, options.Queue!);
    }

    /// <summary>
    /// The profile if the numbers are all there; what only the model's files say is added where they can be read.
    /// </summary>
    private static ModelProfile? Complete(string name, ModelOptions options) => options is
    {
        PixelsPerLatent: { } factor, Width: { } width, Height: { } height, Steps: { } steps,
        GuidanceScale: { } scale, Scheduler: { } scheduler,
    }
        ? WithWords(new ModelProfile(name, factor, width, height, steps, scale, Normal(scheduler), []), options.Path)
        : null;

    private static ModelProfile WithWords(ModelProfile profile, string? directory)
    {
        try
        {
            if (string.IsNullOrEmpty(directory))
                return profile;
            var own = ModelProfile.Of(directory);
            return profile with { Examples = own.Examples, KnownWords = own.KnownWords };
        }
        catch (InvalidModelProfileException)
        {
            return profile;
        }
    }

    private static ModelProfile FromDirectory(string name, string at, ModelOptions options)
    {
        const string Numbers = "Width, Height, Steps, GuidanceScale, Scheduler and PixelsPerLatent";
        if (string.IsNullOrEmpty(options.Path))
            throw new InvalidModelProfileException($"{at} needs a Path that can be read here, or all of {Numbers}.");
        try
        {
            var own = ModelProfile.Of(options.Path);
            return own with
            {
                Name = name,
                PixelsPerLatent = options.PixelsPerLatent ?? own.PixelsPerLatent,
                DefaultWidth = options.Width ?? own.DefaultWidth,
                DefaultHeight = options.Height ?? own.DefaultHeight,
                DefaultSteps = options.Steps ?? own.DefaultSteps,
                DefaultGuidanceScale = options.GuidanceScale ?? own.DefaultGuidanceScale,
                DefaultScheduler = Normal(options.Scheduler ?? own.DefaultScheduler),
            };
        }
        catch (InvalidModelProfileException e)
        {
            throw new InvalidModelProfileException(
                $"{at} needs a Path that can be read here, or all of {Numbers}: {e.Message}", e);
        }
    }

    private static string Normal(string scheduler) => Schedulers.TryNormalize(scheduler, out var known) ? known : scheduler;

    /// <summary>Why a task with the profile's own numbers would be refused.</summary>
    private static string? Fault(ModelProfile profile)
    {
        if (profile.PixelsPerLatent is < 1 or > GenerationRules.MaxSide)
            return $"PixelsPerLatent must be from 1 to {GenerationRules.MaxSide}.";
        var task = new GenerationTask
        {
            Id = TaskId.New(TimeProvider.System),
            CreatedAt = default,
            Model = profile.Name,
            Prompt = "any",
            Seed = 0,
            Steps = profile.DefaultSteps,
            GuidanceScale = profile.DefaultGuidanceScale,
            Scheduler = profile.DefaultScheduler,
            Width = profile.DefaultWidth,
            Height = profile.DefaultHeight,
        };
        return GenerationRules.Check(task, profile).Values.FirstOrDefault() is [var first, ..] ? first : null;
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,99}\z")]
    private static partial Regex ModelName();
}
