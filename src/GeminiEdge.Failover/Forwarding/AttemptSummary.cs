using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>One key's part in a failed request, as the caller sees it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Status">The upstream's status, if it answered.</param>
/// <param name="Verdict">What its answer meant; for a skipped key, why it is skipped.</param>
/// <param name="Skipped">No attempt was made: the key is rejected or cooling down.</param>
/// <param name="Network">With the verdict <c>network</c>: what it was.</param>
/// <param name="Model">The model that it was asked for, where the request could ask more than one.</param>
internal readonly record struct AttemptSummary(RingKey Key, int? Status, Verdict Verdict, bool Skipped, NetworkFault? Network = null, string? Model = null);
