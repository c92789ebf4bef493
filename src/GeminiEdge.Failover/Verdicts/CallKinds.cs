namespace GeminiEdge.Failover.Verdicts;

/// <summary>A set of kinds.</summary>
internal readonly record struct CallKinds
{
    /// <summary>How many kinds there are.</summary>
    public const int Count = (int)CallKind.Other + 1;

    private readonly ushort _bits;

    private CallKinds(int bits) => _bits = (ushort)bits;

    public static CallKinds All { get; } = new((1 << Count) - 1);

    public static CallKinds Of(params ReadOnlySpan<CallKind> kinds)
    {
        var bits = 0;
        foreach (var kind in kinds)
        {
            bits |= 1 << (int)kind;
        }

        return new CallKinds(bits);
    }

    public static CallKinds operator |(CallKinds left, CallKinds right) => new(left._bits | right._bits);

    public bool Contains(CallKind kind) => (_bits & (1 << (int)kind)) != 0;
}
