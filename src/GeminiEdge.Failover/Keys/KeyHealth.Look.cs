using System.Collections.Immutable;

namespace GeminiEdge.Failover.Keys;

// What an operator sees of it.
internal sealed partial class KeyHealth
{
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
