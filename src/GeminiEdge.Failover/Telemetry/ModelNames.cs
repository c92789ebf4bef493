using System.Collections.Concurrent;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Telemetry;

/// <summary>
/// The models' names as metrics have them. Callers make them up, so only what Google knows gets a name of its own, and only so
/// many.
/// </summary>
internal sealed class ModelNames(KeyMask mask)
{
    /// <summary>How many models have a name of their own.</summary>
    public const int Most = 50;

    /// <summary>The name of all others.</summary>
    public const string Other = "other";

    private readonly ConcurrentDictionary<string, string> _asked = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _answering = new(StringComparer.Ordinal);
    private readonly Lock _growing = new();

    /// <summary>The model that was asked for; null where none is named.</summary>
    public string? Asked(in AttemptRecord attempt) =>
        attempt.Model is { } model ? Name(_asked, model, IsKnownToGoogle(attempt.Verdict)) : null;

    /// <summary>The version that answered; null where it isn't known.</summary>
    public string? Answering(in AttemptRecord attempt) => attempt.ModelVersion is { } version ? Name(_answering, version, mayGrow: true) : null;

    // A model that doesn't exist can't be overloaded.
    private static bool IsKnownToGoogle(Verdict verdict) =>
        verdict is Verdict.Ok or Verdict.Overloaded or Verdict.QuotaNone or Verdict.QuotaDay or Verdict.QuotaMinute or Verdict.QuotaUnknown;

    private string Name(ConcurrentDictionary<string, string> names, string name, bool mayGrow)
    {
        if (names.TryGetValue(name, out var known))
        {
            return known;
        }

        if (!mayGrow || !ModelName.IsValid(name))
        {
            return Other;
        }

        lock (_growing)
        {
            return names.Count < Most ? names.GetOrAdd(name, mask.Clean(name)) : Other;
        }
    }
}
