using System.Collections.Immutable;

namespace GeminiEdge.Status;

/// <summary>The last of many, numbered in the order they came. Not for several threads at once.</summary>
internal sealed class Recent<T>(int capacity)
{
    private readonly T[] _items = new T[capacity];

    /// <summary>How many there ever were: the number of the next.</summary>
    public long Count { get; private set; }

    public void Add(in T item) => _items[Count++ % capacity] = item;

    /// <summary>Those with this number and later ones, as far as they are kept, the oldest first.</summary>
    public ImmutableArray<Numbered<T>> Since(long number)
    {
        var first = Math.Max(number, Math.Max(0, Count - capacity));
        var items = ImmutableArray.CreateBuilder<Numbered<T>>((int)Math.Max(0, Count - first));
        for (var next = first; next < Count; next++)
        {
            items.Add(new Numbered<T>(next, _items[next % capacity]));
        }

        return items.ToImmutable();
    }
}

/// <summary>One of many, and which: whoever gets it twice can tell.</summary>
internal readonly record struct Numbered<T>(long Number, T Item);
