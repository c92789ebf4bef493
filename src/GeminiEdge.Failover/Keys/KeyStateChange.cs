using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

/// <summary>A change of health, for the log.</summary>
/// <param name="Scope">For what it is so: the whole key, one kind of call, or one model.</param>
/// <param name="Call">The call it was seen on.</param>
/// <param name="Cooldown">How long the key rests; null when it is healthy again or rejected for good.</param>
internal readonly record struct KeyStateChange(KeyState From, KeyState To, RefusalScope Scope, CallScope Call, Verdict Verdict, TimeSpan? Cooldown);
