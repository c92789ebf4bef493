using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>What has become of a request at one of the models that it may ask.</summary>
internal sealed class SimulatedModel(string name)
{
    /// <summary>"" where none is named.</summary>
    public string Name => name;

    public HashSet<ReferenceKey> Tried { get; } = [];

    public HashSet<ReferenceKey> TriedThisRound { get; } = [];

    /// <summary>What each key said last to this request.</summary>
    public Dictionary<ReferenceKey, Verdict> Said { get; } = [];

    /// <summary>Keys that neither rest nor may have got over what they said: such a request isn't made again with them.</summary>
    public HashSet<ReferenceKey> Spent { get; } = [];

    public bool LastResortTaken { get; set; }

    /// <summary>One key's word was enough.</summary>
    public bool IsClosed { get; set; }

    /// <summary>A key has failed without being refused: the same may succeed in a moment.</summary>
    public bool MayPass => !IsClosed && Said.Values.Any(Passes);

    public static bool Passes(Verdict verdict) => verdict is Verdict.Overloaded or Verdict.UpstreamError or Verdict.Network;

    /// <summary>It is this model that can't be had.</summary>
    public static bool IsOfModel(Verdict verdict) => verdict is Verdict.Overloaded or Verdict.ModelUnavailable
        or Verdict.QuotaNone or Verdict.QuotaDay or Verdict.QuotaMinute or Verdict.QuotaUnknown;
}
