using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover;

/// <summary>One key's part in a request that every key has failed.</summary>
/// <param name="Slot">PRIMARY, SECONDARY, 3…9 or OLD: a key's place in the list, in the settings or in the vault.</param>
/// <param name="KeyId">The key's last four characters.</param>
/// <param name="Status">Google's HTTP status; null when there was no answer, or no attempt.</param>
/// <param name="Verdict">What the answer meant, as <c>key_invalid</c> or <c>quota_day</c>; for a skipped key, why it is skipped.</param>
/// <param name="Skipped">No attempt was made, because of what is remembered of the key.</param>
public sealed record KeyAttempt(string Slot, string KeyId, int? Status, string Verdict, bool Skipped)
{
    internal static KeyAttempt Of(AttemptSummary attempt) =>
        new(attempt.Key.Slot.Name(), attempt.Key.Id, attempt.Status, Consequence.Of(attempt.Verdict).Name, attempt.Skipped);
}
