using SdAspire.Diffusion.Schedulers;

namespace SdAspire.Diffusion;

/// <summary>The schedulers that this engine has: short names, and the classes in diffusers that they stand for.</summary>
public static class SchedulerNames
{
    static readonly (string Short, string Class, Func<SchedulerConfig, SchedulerConfig> Configure)[] All =
    [
        ("ddim", "DDIMScheduler", Plain),
        ("euler", "EulerDiscreteScheduler", Plain),
        ("pndm", "PNDMScheduler", Plain),
        ("ddpm", "DDPMScheduler", Plain),
        ("euler_karras", "EulerDiscreteScheduler", config => Plain(config) with { UseKarrasSigmas = true }),
        ("euler_ancestral", "EulerAncestralDiscreteScheduler", Plain),
        ("heun", "HeunDiscreteScheduler", Plain),
        ("dpm2", "KDPM2DiscreteScheduler", Plain),
        ("lms", "LMSDiscreteScheduler", Plain),
        ("dpmpp_2m", "DPMSolverMultistepScheduler", Plain),
        ("dpmpp_2m_karras", "DPMSolverMultistepScheduler", config => Plain(config) with { UseKarrasSigmas = true }),
        ("dpmpp_2m_sde", "DPMSolverMultistepScheduler", config => Plain(config) with { AlgorithmType = DpmSolver.Stochastic }),
        ("dpmpp_2m_sde_karras", "DPMSolverMultistepScheduler", config => Plain(config) with
        {
            AlgorithmType = DpmSolver.Stochastic, UseKarrasSigmas = true,
        }),
        ("dpmpp_2s", "DPMSolverSinglestepScheduler", Plain),
        ("dpmpp_3m", "DPMSolverMultistepScheduler", config => Plain(config) with { SolverOrder = 3 }),
        ("deis", "DEISMultistepScheduler", Plain),
        ("unipc", "UniPCMultistepScheduler", Plain),
        ("unipc_karras", "UniPCMultistepScheduler", config => Plain(config) with { UseKarrasSigmas = true }),
        ("lcm", "LCMScheduler", Plain),
        ("tcd", "TCDScheduler", Plain),
    ];

    // They have no such option: they divide by the signal's share, which would be zero.
    static readonly string[] WithoutZeroSnr =
    [
        "PNDMScheduler", "HeunDiscreteScheduler", "KDPM2DiscreteScheduler", "LMSDiscreteScheduler", "DEISMultistepScheduler",
        "DPMSolverSinglestepScheduler",
    ];

    /// <summary>Short names, then class names.</summary>
    public static IReadOnlyList<string> Known { get; } = [.. All.Select(s => s.Short), .. All.Select(s => s.Class).Distinct()];

    public static bool IsKnown(string name) => ClassOf(name) is not null;

    /// <summary>diffusers' class for either name; null when unknown.</summary>
    public static string? ClassOf(string name) => All.FirstOrDefault(s => s.Short == name || s.Class == name).Class;

    /// <summary>The configuration that a name stands for, over the model's.</summary>
    internal static SchedulerConfig Configure(string name, SchedulerConfig config)
    {
        if (WithoutZeroSnr.Contains(ClassOf(name)))
        {
            config = config with { RescaleBetasZeroSnr = false };
        }
        var known = All.FirstOrDefault(s => s.Short == name);
        if (known.Short is not null)
        {
            return known.Configure(config);
        }
        // The options of another class mean nothing to this one.
        return config.ClassName is null || config.ClassName == name ? config : Plain(config);
    }

    // What the model was trained with stays; how to walk is the class's default.
    static SchedulerConfig Plain(SchedulerConfig config) => config with
    {
        UseKarrasSigmas = false, SolverOrder = 2, AlgorithmType = null, SolverType = null, DisableCorrector = null, PredictX0 = true,
        FinalSigmasType = null, VarianceType = null,
    };
}
