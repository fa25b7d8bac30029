namespace SdAspire.WebUi.Gallery;

/// <summary>The queued tasks of one model in the order in which they were queued.</summary>
internal sealed class WaitingLine
{
    // Those who come go to the end and those who leave are at the front: a tree would be slower.
    private readonly List<(DateTimeOffset QueuedAt, string Id)> _tasks = [];

    public int Count => _tasks.Count;

    public void Add(GenerationState state)
    {
        var place = Find(state);
        if (place < 0)
            _tasks.Insert(~place, (state.QueuedAt, state.Task.Id));
    }

    public void Remove(GenerationState state)
    {
        var place = Find(state);
        if (place >= 0)
            _tasks.RemoveAt(place);
    }

    /// <summary>From 1; null if it does not wait here.</summary>
    public int? PositionOf(GenerationState state) => Find(state) is >= 0 and var place ? place + 1 : null;

    private int Find(GenerationState state) => _tasks.BinarySearch((state.QueuedAt, state.Task.Id), Order.Instance);

    private sealed class Order : IComparer<(DateTimeOffset QueuedAt, string Id)>
    {
        public static readonly Order Instance = new();

        public int Compare((DateTimeOffset QueuedAt, string Id) x, (DateTimeOffset QueuedAt, string Id) y) =>
            x.QueuedAt.CompareTo(y.QueuedAt) is not 0 and var order ? order : string.CompareOrdinal(x.Id, y.Id);
    }
}
