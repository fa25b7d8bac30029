using System.Runtime.CompilerServices;

namespace SdAspire.Hosting.Dashboard.Telemetry;

/// <summary>What all series hold, in the order in which it was begun: what is oldest goes first.</summary>
internal sealed class PointBudget(long maxBytes)
{
    private readonly LinkedList<PointChunk> _chunks = [];
    private long _bytes;

    public LinkedListNode<PointChunk> Begin(PointChunk chunk) => _chunks.AddLast(chunk);

    /// <summary>Makes room for more of a chunk, but never at its own cost.</summary>
    public void Spend(PointChunk chunk, int bytes)
    {
        chunk.Bytes += bytes;
        _bytes += bytes;
        while (_bytes > maxBytes && _chunks.First is { } oldest && oldest.Value != chunk)
            oldest.Value.Drop();
    }

    public void End(LinkedListNode<PointChunk> node)
    {
        _bytes -= node.Value.Bytes;
        _chunks.Remove(node);
    }
}

/// <summary>Some points of one series that come and go together.</summary>
internal abstract class PointChunk
{
    public long Bytes { get; set; }

    /// <summary>Takes it from its series.</summary>
    public abstract void Drop();
}

/// <summary>The points of one series, oldest first, within the budget that all series share.</summary>
internal sealed class PointList<T>(PointBudget budget, int maxCount, Action emptied) where T : struct
{
    private const int ChunkLength = 64;

    private readonly Queue<Chunk> _chunks = [];
    private Chunk? _last;

    private sealed class Chunk(PointList<T> owner) : PointChunk
    {
        public T[] Points { get; } = new T[ChunkLength];

        public int Count { get; set; }

        public LinkedListNode<PointChunk> Node { get; set; } = null!;

        // The oldest of all is the oldest of its series too.
        public override void Drop() => owner.DropFirst();
    }

    public int Count { get; private set; }

    /// <summary>The last one, to be changed in place. There must be one.</summary>
    public ref T Last => ref _last!.Points[_last.Count - 1];

    /// <param name="point">The point.</param>
    /// <param name="extraBytes">What it refers to.</param>
    public void Add(T point, int extraBytes = 0)
    {
        var bytes = extraBytes;
        if (_last is null || _last.Count == ChunkLength)
        {
            _last = new Chunk(this);
            _last.Node = budget.Begin(_last);
            _chunks.Enqueue(_last);
            bytes += ChunkLength * Unsafe.SizeOf<T>();
        }
        _last.Points[_last.Count++] = point;
        Count++;
        budget.Spend(_last, bytes);
        while (Count > maxCount && _chunks.Count > 1)
            DropFirst();
    }

    /// <summary>All of them, copied.</summary>
    public T[] ToArray()
    {
        var all = new T[Count];
        var at = 0;
        foreach (var chunk in _chunks)
        {
            chunk.Points.AsSpan(0, chunk.Count).CopyTo(all.AsSpan(at));
            at += chunk.Count;
        }
        return all;
    }

    public void Clear()
    {
        while (_chunks.Count > 0)
            DropFirst();
    }

    private void DropFirst()
    {
        var first = _chunks.Dequeue();
        budget.End(first.Node);
        Count -= first.Count;
        if (_chunks.Count > 0) return;
        _last = null;
        emptied();
    }
}
