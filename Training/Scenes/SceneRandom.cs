namespace SdAspire.Training.Scenes;

/// <summary>The generator of a step's scenes: of its own, so that a resumed run draws what an uninterrupted one would.</summary>
static class SceneRandom
{
    public static Random For(long seed, int step) => new(unchecked((int)(seed * 1_000_003 + step)));
}
