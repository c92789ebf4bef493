using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Keys;

/// <summary>A change of health, for the log.</summary>
/// <param name="Model">The model it is about, or "" for the whole key.</param>
/// <param name="Cooldown">How long the key rests; null when it is healthy again or rejected for good.</param>
internal readonly record struct KeyStateChange(KeyState From, KeyState To, string Model, Verdict Verdict, TimeSpan? Cooldown);
