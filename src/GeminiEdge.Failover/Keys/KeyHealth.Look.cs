using System.Collections.Immutable;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

// What an operator sees of it.
internal sealed partial class KeyHealth
{
    /// <summary>What <see cref="State"/> comes from: something against the key as a whole, or a rejection for a kind of call that carries its traffic.</summary>
    public KeyTrouble? Trouble
    {
        get
        {
            lock (_lock)
            {
                return _troubles.AllRunning().FirstOrDefault(trouble => trouble.Scope == RefusalScope.Key
                    || (trouble is { Scope: RefusalScope.Kind, Kinds: [var kind] } && _use.Carries(kind) && _troubles.IsKindRejected(kind)));
            }
        }
    }

    /// <summary>All that the key is skipped for now, the widest first.</summary>
    public ImmutableArray<KeyTrouble> Troubles
    {
        get
        {
            if (!_troubled)
            {
                return [];
            }

            lock (_lock)
            {
                return [.. _troubles.AllRunning()];
            }
        }
    }
}
