using System.Collections.Immutable;

namespace GeminiEdge.Failover.Keys;

/// <summary>The keys that the process itself was given, and a sentence about each value that can't or should not be used.</summary>
internal delegate (ImmutableArray<SlotValue> Values, ImmutableArray<string> Warnings) StartKeys();
