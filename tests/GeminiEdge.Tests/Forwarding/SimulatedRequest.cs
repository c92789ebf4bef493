using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>A request in a <see cref="FailoverSimulation"/>, with what the reference has to know of it.</summary>
internal sealed class SimulatedRequest(string id, string model, bool native, DateTimeOffset started)
{
    public string Id => id;

    public string Model => model;

    public bool Native => native;

    public DateTimeOffset Started => started;

    public CancellationTokenSource Caller { get; } = new();

    public List<ReferenceKey> Tried { get; } = [];

    /// <summary>What each attempt so far came to.</summary>
    public List<Verdict> Verdicts { get; } = [];

    public bool LastResortTaken { get; set; }

    /// <summary>The attempt in flight, or the last one.</summary>
    public ReferenceAttempt? Attempt { get; set; }

    public TaskCompletionSource<HttpResponseMessage>? Pending { get; set; }

    /// <summary>The last attempt was cut off by the edge.</summary>
    public bool TimedOut { get; set; }
}
