using System.ComponentModel;
using System.Runtime.InteropServices;

namespace SdAspire.Scaler.Launching;

/// <summary>posix_spawn and wait4 of the C library.</summary>
static class PosixSpawn
{
    private const int StandardInput = 0;
    private const int StandardOutput = 1;
    private const int StandardError = 2;
    private const int Sigpipe = 13;
    private const int InterruptedCall = 4;
    private const int WaitById = 1;
    private const int WaitForExit = 4;
    private const int LeaveWaitable = 0x01000000;
    private const int SignalBase = 128;

    private const short SetDefaultSignals = 0x04;
    private const short SetSignalMask = 0x08;

    // More than any C library has for its own.
    private const int OpaqueBytes = 1024;

    /// <summary>Starts what <paramref name="arguments"/> begin with. It has no input.</summary>
    /// <exception cref="Win32Exception">It cannot be started.</exception>
    public static int Start(string[] arguments, string[] environment, SafeHandle output, SafeHandle error)
    {
        var memory = Marshal.AllocHGlobal(3 * OpaqueBytes);
        var (actions, attributes, signals) = (memory, memory + OpaqueBytes, memory + (2 * OpaqueBytes));
        Check(InitializeActions(actions));
        Check(InitializeAttributes(attributes));
        try
        {
            Check(AddOpen(actions, StandardInput, "/dev/null", 0, 0));
            Check(AddDuplicate(actions, (int)output.DangerousGetHandle(), StandardOutput));
            Check(AddDuplicate(actions, (int)error.DangerousGetHandle(), StandardError));

            // What .NET blocks or ignores in this process is no child's business.
            _ = EmptySet(signals);
            Check(SetMask(attributes, signals));
            _ = AddToSet(signals, Sigpipe);
            Check(SetDefaults(attributes, signals));
            Check(SetFlags(attributes, SetDefaultSignals | SetSignalMask));

            Check(Spawn(out var id, arguments[0], actions, attributes, [.. arguments, null], [.. environment, null]));
            return id;
        }
        finally
        {
            _ = DestroyActions(actions);
            _ = DestroyAttributes(attributes);
            Marshal.FreeHGlobal(memory);
            GC.KeepAlive(output);
            GC.KeepAlive(error);
        }
    }

    /// <summary>Blocks until the child has ended; its number stays its own until it is reaped.</summary>
    public static void AwaitEnd(int child)
    {
        var information = Marshal.AllocHGlobal(OpaqueBytes);
        while (WaitId(WaitById, child, information, WaitForExit | LeaveWaitable) < 0 && Marshal.GetLastPInvokeError() == InterruptedCall)
        {
        }
        Marshal.FreeHGlobal(information);
    }

    /// <summary>Reaps a child that has ended.</summary>
    public static ProcessEnd Reap(int child)
    {
        int result;
        int status;
        ResourceUsage usage;
        do
            result = Wait4(child, out status, 0, out usage);
        while (result < 0 && Marshal.GetLastPInvokeError() == InterruptedCall);
        if (result < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        var signal = status & 0x7f;
        return new(signal == 0 ? (status >> 8) & 0xff : SignalBase + signal, usage.User.Span + usage.Kernel.Span);
    }

    [DllImport("libc", EntryPoint = "kill")]
    public static extern int Kill(int target, int signal);

    private static void Check(int error)
    {
        if (error != 0) throw new Win32Exception(error);
    }

    [DllImport("libc", EntryPoint = "posix_spawnp")]
    private static extern int Spawn(
        out int id, string file, nint actions, nint attributes,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] arguments,
        [MarshalAs(UnmanagedType.LPArray, ArraySubType = UnmanagedType.LPStr)] string?[] environment);

    [DllImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static extern int InitializeActions(nint actions);

    [DllImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static extern int DestroyActions(nint actions);

    [DllImport("libc", EntryPoint = "posix_spawn_file_actions_addopen")]
    private static extern int AddOpen(nint actions, int descriptor, string path, int flags, uint mode);

    [DllImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static extern int AddDuplicate(nint actions, int descriptor, int target);

    [DllImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static extern int InitializeAttributes(nint attributes);

    [DllImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static extern int DestroyAttributes(nint attributes);

    [DllImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static extern int SetFlags(nint attributes, short flags);

    [DllImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static extern int SetMask(nint attributes, nint signals);

    [DllImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static extern int SetDefaults(nint attributes, nint signals);

    [DllImport("libc", EntryPoint = "sigemptyset")]
    private static extern int EmptySet(nint signals);

    [DllImport("libc", EntryPoint = "sigaddset")]
    private static extern int AddToSet(nint signals, int signal);

    [DllImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static extern int WaitId(int by, int id, nint information, int options);

    [DllImport("libc", EntryPoint = "wait4", SetLastError = true)]
    private static extern int Wait4(int child, out int status, int options, out ResourceUsage usage);

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct TimeValue
    {
        private readonly nint _seconds;
        private readonly nint _microseconds;

        public TimeSpan Span => TimeSpan.FromSeconds(_seconds) + TimeSpan.FromMicroseconds(_microseconds);
    }

    // Memory, page faults, switches and the like follow; the size leaves room for more of them.
    [StructLayout(LayoutKind.Sequential, Size = OpaqueBytes)]
    private readonly struct ResourceUsage
    {
        public readonly TimeValue User;
        public readonly TimeValue Kernel;
    }
}
