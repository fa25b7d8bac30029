namespace SdAspire.AppHost.Local;

/// <summary>The folder of all state, for one AppHost at a time and its owner's eyes only.</summary>
sealed class DataFolder : IDisposable
{
    // EWOULDBLOCK: another process has the lock.
    private const int WouldBlock = 11;

    private readonly FileStream _lock;

    private DataFolder(FileStream @lock) => _lock = @lock;

    /// <exception cref="DistributedApplicationException">The folder is in use or cannot be written to.</exception>
    public static DataFolder Lock(string path)
    {
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(path);
            else
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            // The kernel frees the lock with the process, whatever that dies of.
            var file = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows()) file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            return new(new FileStream(Path.Combine(path, "lock"), file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException(
                e.HResult == WouldBlock
                    ? $"The data folder {path} is in use by another run: stop that one, or choose another folder with --data DIR."
                    : $"The data folder {path} cannot be used: {e.Message} Choose another folder with --data DIR.",
                e);
        }
    }

    public void Dispose() => _lock.Dispose();
}
