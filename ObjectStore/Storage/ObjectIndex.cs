using System.Collections.Immutable;
using System.Text;

namespace SdAspire.ObjectStore.Storage;

/// <summary>What a listing and a precondition need to know of an object.</summary>
internal sealed record IndexEntry(string Key, byte[] Utf8, long Size, string ETag, DateTimeOffset LastModified)
{
    public static IndexEntry Of(ObjectKey key, StoredObject stored) =>
        new(key.Text, key.Utf8, stored.Size, stored.ETag, stored.LastModified);

    /// <summary>A position in the order, for searching only.</summary>
    public static IndexEntry At(byte[] position) => new("", position, 0, "", default);
}

/// <summary>One page of a listing; <paramref name="Next"/> is where the following one begins, null after the last.</summary>
internal sealed record ListPage(
    IReadOnlyList<IndexEntry> Objects, IReadOnlyList<string> CommonPrefixes, byte[]? Next, string? LastName);

/// <summary>What a listing asks for. <paramref name="From"/> is the first position of interest in key order.</summary>
internal sealed record ListQuery(string Prefix, string Delimiter, byte[] From, string? After, int MaxKeys);

/// <summary>
/// A bucket's objects in the order of their UTF-8 bytes. Readers walk an immutable snapshot without a lock, so a listing sees
/// one moment of the bucket.
/// </summary>
internal sealed class ObjectIndex
{
    readonly Lock _writing = new();
    volatile ImmutableSortedSet<IndexEntry> _entries = ImmutableSortedSet.Create<IndexEntry>(ByUtf8.Instance);

    public bool IsEmpty => _entries.IsEmpty;

    public int Count => _entries.Count;

    /// <summary>The entries of this moment.</summary>
    public IEnumerable<IndexEntry> Where(Func<IndexEntry, bool> matches) => _entries.Where(matches);

    public void Load(IEnumerable<IndexEntry> entries)
    {
        lock (_writing) _entries = ImmutableSortedSet.CreateRange(ByUtf8.Instance, entries);
    }

    public IndexEntry? Find(ObjectKey key) =>
        _entries.TryGetValue(IndexEntry.At(key.Utf8), out var entry) ? entry : null;

    public void Set(IndexEntry entry)
    {
        lock (_writing) _entries = _entries.Remove(entry).Add(entry);
    }

    public void Remove(ObjectKey key)
    {
        lock (_writing) _entries = _entries.Remove(IndexEntry.At(key.Utf8));
    }

    public ListPage List(ListQuery query)
    {
        var objects = new List<IndexEntry>();
        var prefixes = new List<string>();
        if (query.MaxKeys == 0) return new ListPage(objects, prefixes, null, null);

        var entries = _entries;
        byte[] next = Later(Encoding.UTF8.GetBytes(query.Prefix), query.From);
        string? last = null;
        for (var at = LowerBound(entries, next); at < entries.Count; at = LowerBound(entries, next))
        {
            var entry = entries[at];
            if (!entry.Key.StartsWith(query.Prefix, StringComparison.Ordinal)) break;
            var group = CommonPrefix(entry.Key, query);
            // The name after which a page of version 1 starts may be a whole group, which is then behind us.
            if (group is null || group != query.After)
            {
                if (objects.Count + prefixes.Count == query.MaxKeys) return new ListPage(objects, prefixes, next, last);
                if (group is null) objects.Add(entry);
                else prefixes.Add(group);
                last = group ?? entry.Key;
            }
            next = group is null ? PositionAfter(entry.Utf8) : PositionBehindGroup(group);
        }
        return new ListPage(objects, prefixes, null, null);
    }

    /// <summary>The first position behind a key.</summary>
    public static byte[] PositionAfter(ReadOnlySpan<byte> utf8) => [.. utf8, 0];

    // 0xFF does not occur in UTF-8: it is behind every key that begins with the group's name.
    static byte[] PositionBehindGroup(string group) => [.. Encoding.UTF8.GetBytes(group), 0xFF];

    static string? CommonPrefix(string key, ListQuery query)
    {
        if (query.Delimiter.Length == 0) return null;
        var at = key.IndexOf(query.Delimiter, query.Prefix.Length, StringComparison.Ordinal);
        return at < 0 ? null : key[..(at + query.Delimiter.Length)];
    }

    static byte[] Later(byte[] a, byte[] b) => a.AsSpan().SequenceCompareTo(b) >= 0 ? a : b;

    static int LowerBound(ImmutableSortedSet<IndexEntry> entries, byte[] position)
    {
        var at = entries.IndexOf(IndexEntry.At(position));
        return at >= 0 ? at : ~at;
    }

    sealed class ByUtf8 : IComparer<IndexEntry>
    {
        public static readonly ByUtf8 Instance = new();

        public int Compare(IndexEntry? x, IndexEntry? y) => x!.Utf8.AsSpan().SequenceCompareTo(y!.Utf8);
    }
}
