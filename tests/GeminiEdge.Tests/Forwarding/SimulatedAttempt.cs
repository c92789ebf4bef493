using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>One attempt of a <see cref="SimulatedRequest"/>, as the upstream sees it.</summary>
internal sealed class SimulatedAttempt(SimulatedRequest request, SimulatedModel asked, ReferenceAttempt reference, DateTimeOffset began)
{
    public SimulatedRequest Request => request;

    public SimulatedModel Asked => asked;

    public ReferenceAttempt Reference => reference;

    public ReferenceKey Key => reference.Key;

    public DateTimeOffset Began => began;

    public TaskCompletionSource<HttpResponseMessage> Pending { get; } = new();

    /// <summary>What it came to; null while it is in flight.</summary>
    public Verdict? Verdict { get; set; }

    public DateTimeOffset? Ended { get; set; }

    /// <summary>Begun beside another one.</summary>
    public bool IsHedge { get; init; }

    /// <summary>How long answers of its model have taken so far, at least and at most; null while nobody may say.</summary>
    public (TimeSpan Least, TimeSpan Most)? Late { get; init; }
}
