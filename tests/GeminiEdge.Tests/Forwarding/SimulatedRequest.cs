using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>A request in a <see cref="FailoverSimulation"/>, with what the reference has to know of it.</summary>
internal sealed class SimulatedRequest
{
    private readonly string _model;

    public SimulatedRequest(string id, string model, IEnumerable<string> fallbacks, SimulatedCall call, DateTimeOffset started)
    {
        (Id, _model, Call, Started, Looking) = (id, model, call, started, started);
        Models = [new SimulatedModel(call.NamesModel ? model : ""), .. fallbacks.Select(name => new SimulatedModel(name))];
        HasFallbacks = Models.Count > 1;
    }

    public string Id { get; }

    /// <summary>What the edge has named it.</summary>
    public string RequestId { get; set; } = "";

    public SimulatedCall Call { get; }

    public string Target => Call.Target(_model);

    public string? Body => Call.Body(_model);

    public DateTimeOffset Started { get; }

    /// <summary>When its last attempt began.</summary>
    public DateTimeOffset AskedLast { get; set; }

    public CancellationTokenSource Caller { get; } = new();

    /// <summary>The models that it may ask, in turn.</summary>
    public List<SimulatedModel> Models { get; }

    public bool HasFallbacks { get; }

    /// <summary>Which of them it asks now.</summary>
    public int At { get; set; }

    /// <summary>1, and one more for each time that it has waited.</summary>
    public int Round { get; private set; } = 1;

    /// <summary>It has found no key, and waits.</summary>
    public bool IsBetweenRounds { get; set; }

    /// <summary>In this round it tries keys again that have failed without being refused.</summary>
    public bool TriesAgain { get; set; }

    /// <summary>Its backoff may have been over already: then it has begun another round without waiting.</summary>
    public bool MayHaveBegunRound { get; set; }

    /// <summary>How many times it has: the backoff doubles.</summary>
    public int Backoffs { get; set; }

    /// <summary>How many good answers there had been when it went round last.</summary>
    public int NewsFrom { get; set; }

    public List<SimulatedAttempt> Attempts { get; } = [];

    public IEnumerable<SimulatedAttempt> InFlight => Attempts.Where(attempt => attempt.Verdict is null);

    /// <summary>No attempt of it is in flight: it waits for a key, or is about to end.</summary>
    public bool IsWaiting => Attempts.TrueForAll(attempt => attempt.Verdict is not null);

    /// <summary>When it began to look for a key last.</summary>
    public DateTimeOffset Looking { get; set; }

    /// <summary>How long it has waited for keys before that.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>What nobody's key may do says nothing of a key until another has done it.</summary>
    public List<(ReferenceAttempt Attempt, Verdict Verdict)> Undecided { get; } = [];

    /// <summary>What each attempt so far came to, but for losers of a race.</summary>
    public List<Verdict> Verdicts { get; } = [];

    /// <summary>The last attempt was cut off by the edge.</summary>
    public bool TimedOut { get; set; }

    /// <summary>The upstream has had the last word: whatever is still in flight has lost.</summary>
    public bool IsDecided { get; set; }

    /// <summary>The status of the last word, where it is a refusal of the request itself.</summary>
    public int? Returned { get; set; }

    /// <summary>The status of the first model's refusal, which is the last word if no other model has a better one.</summary>
    public int? Kept { get; set; }

    /// <summary>It will ask no further model: the first one's refusal stands.</summary>
    public bool ChainHasEnded { get; set; }

    /// <summary>A later round learned that the first model is gone: the others have had their say, and may or may not be asked again.</summary>
    public bool MayEndAsKept { get; set; }

    public void BeginRound()
    {
        Round++;
        (IsBetweenRounds, TriesAgain, MayHaveBegunRound) = (false, false, false);
        Models.ForEach(model => model.TriedThisRound.Clear());
    }
}
