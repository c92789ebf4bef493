namespace GeminiEdge.Failover.Forwarding;

/// <summary>Some of a ring's keys, by their places in it.</summary>
internal readonly record struct KeySet
{
    private readonly int _bits;

    private KeySet(int bits) => _bits = bits;

    /// <summary>Every key that a ring may hold.</summary>
    public static KeySet All { get; } = new(-1);

    public bool Contains(int index) => (_bits & (1 << index)) != 0;

    public KeySet With(int index, bool isIn = true) => new(isIn ? _bits | (1 << index) : _bits & ~(1 << index));

    public KeySet Union(KeySet others) => new(_bits | others._bits);

    /// <summary>The same keys in another ring.</summary>
    /// <param name="before">For each place there, the key's place here; -1 for none.</param>
    public KeySet At(ReadOnlySpan<int> before)
    {
        var moved = new KeySet(0);
        for (var index = 0; index < before.Length; index++)
        {
            moved = moved.With(index, before[index] >= 0 && Contains(before[index]));
        }

        return moved;
    }
}
