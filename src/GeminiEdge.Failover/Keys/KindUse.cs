using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

/// <summary>
/// Which kinds of call a key has lately served. Counted on every request's path without a lock: one that gets lost now
/// and then changes nothing.
/// </summary>
internal sealed class KindUse
{
    private const int Lately = 1_000;
    private readonly int[] _served = new int[CallKinds.Count];

    public void Add(CallKind kind)
    {
        if (++_served[(int)kind] < Lately)
        {
            return;
        }

        for (var i = 0; i < _served.Length; i++)
        {
            _served[i] /= 2;
        }
    }

    /// <summary>The key has served calls of this kind.</summary>
    public bool Includes(CallKind kind) => _served[(int)kind] > 0;

    /// <summary>
    /// At least a tenth of what the key has served is of this kind; for a key that has served nothing yet, it is chat.
    /// What a key never could do is somebody's attempt, not its traffic.
    /// </summary>
    public bool Carries(CallKind kind) => _served.Sum(count => (long)count) is > 0 and var all
        ? 10L * _served[(int)kind] >= all
        : kind is CallKind.Generate or CallKind.OpenAi;
}
