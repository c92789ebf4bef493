using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

/// <summary>What a call needs a key for: a key may be good for one kind of call or one model, and not for another.</summary>
/// <param name="Kind">The kind of call.</param>
/// <param name="Model">The model asked for, or "".</param>
internal readonly record struct CallScope(CallKind Kind, string Model);
