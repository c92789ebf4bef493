using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>A request in a <see cref="FailoverSimulation"/>, with what the reference has to know of it.</summary>
internal sealed class SimulatedRequest(string id, string model, SimulatedCall call, DateTimeOffset started)
{
    public string Id => id;

    public SimulatedCall Call => call;

    /// <summary>The model it goes by, with the kind of call the scope of its refusals.</summary>
    public string Model => call.NamesModel ? model : "";

    public string Target => call.Target(model);

    public string? Body => call.Body(model);

    public DateTimeOffset Started { get; } = started;

    /// <summary>No attempt of it is in flight: it waits for a key, or is about to end.</summary>
    public bool IsWaiting => Pending is null || Pending.Task.IsCompleted;

    /// <summary>When it began to look for a key last.</summary>
    public DateTimeOffset Looking { get; set; } = started;

    /// <summary>How long it has waited for keys before that.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>What nobody's key may do says nothing of a key until another has done it.</summary>
    public List<(ReferenceAttempt Attempt, Verdict Verdict)> Undecided { get; } = [];

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
