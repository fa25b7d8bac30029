using System.Runtime.InteropServices;

namespace SdAspire.Worker;

/// <summary>What .NET does not pass on to native code.</summary>
static class NativeProcess
{
    /// <summary>
    /// Sets a variable of the process itself unless it is set: .NET keeps a copy of the environment, and libgomp, which reads it
    /// when it is loaded, would never see what is set there.
    /// </summary>
    public static void SetDefaultVariable(string name, string value)
    {
        if (OperatingSystem.IsLinux())
            _ = SetEnv(name, value, overwrite: 0);
    }

    /// <summary>
    /// Ends the process at once: an orderly exit runs libtorch's destructors under a thread that is still painting.
    /// </summary>
    public static void ExitNow(int code) => ExitImmediately(code);

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int SetEnv(string name, string value, int overwrite);

    [DllImport("libc", EntryPoint = "_exit")]
    private static extern void ExitImmediately(int code);
}
