namespace SdAspire.WebUi.Gallery;

/// <summary>Where a task stands in its line.</summary>
/// <param name="Position">From 1.</param>
/// <param name="WorkBefore">The work of all that stand before it.</param>
public readonly record struct WaitingPlace(int Position, double WorkBefore);

/// <summary>The queued tasks of one model in the order in which they were queued.</summary>
internal sealed class WaitingLine
{
    // Those who come go to the end and those who leave are at the front: a tree would be slower.
    private readonly List<Waiting> _tasks = [];

    // For all places at once, when somebody asks after a change: many ask between two changes.
    private double[]? _workBefore;

    public int Count => _tasks.Count;

    public void Add(GenerationState state)
    {
        var place = Find(state);
        if (place >= 0)
            return;
        _tasks.Insert(~place, new(state.QueuedAt, state.Task.Id, state.Work));
        _workBefore = null;
    }

    public void Remove(GenerationState state)
    {
        var place = Find(state);
        if (place < 0)
            return;
        _tasks.RemoveAt(place);
        _workBefore = null;
    }

    /// <summary>Null if it does not wait here.</summary>
    public WaitingPlace? PlaceOf(GenerationState state) =>
        Find(state) is >= 0 and var place ? new(place + 1, (_workBefore ??= WorkBefore())[place]) : null;

    private double[] WorkBefore()
    {
        var sums = new double[_tasks.Count];
        for (var i = 1; i < sums.Length; i++)
            sums[i] = sums[i - 1] + _tasks[i - 1].Work;
        return sums;
    }

    private int Find(GenerationState state) => _tasks.BinarySearch(new(state.QueuedAt, state.Task.Id, 0), Order.Instance);

    private readonly record struct Waiting(DateTimeOffset QueuedAt, string Id, double Work);

    private sealed class Order : IComparer<Waiting>
    {
        public static readonly Order Instance = new();

        public int Compare(Waiting x, Waiting y) =>
            x.QueuedAt.CompareTo(y.QueuedAt) is not 0 and var order ? order : string.CompareOrdinal(x.Id, y.Id);
    }
}
