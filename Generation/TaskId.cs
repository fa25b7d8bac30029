namespace SdAspire.Generation;

/// <summary>Ids of tasks: ULIDs, which sort by time as text.</summary>
public static class TaskId
{
    private const int Length = 26;

    public static string New(TimeProvider time) => Ulid.NewUlid(time.GetUtcNow()).ToString();

    /// <summary>Whether the text is an id as <see cref="New"/> writes it; anything else must not become an object key.</summary>
    public static bool IsValid(string? id) =>
        id is { Length: Length } && Ulid.TryParse(id, out var parsed) && parsed.ToString() == id;
}
