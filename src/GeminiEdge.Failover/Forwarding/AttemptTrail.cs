using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>The attempts of one request so far, and the results that can come of them.</summary>
internal sealed class AttemptTrail(ForwardRequest request, KeyMask mask)
{
    private List<AttemptSummary>? _failed;
    private List<Attempt>? _undecided;
    private Attempt? _first;
    private Attempt? _last;
    private bool _allAgree = true;

    public int Count { get; private set; }

    /// <summary>How many were begun; a loser is never among those that ended.</summary>
    public int Begun { get; set; }

    /// <summary>Further models may be asked, so that each attempt names its own.</summary>
    public bool NamesModels { get; init; }

    /// <summary>A failed attempt whose answer may be wanted at the end.</summary>
    public Attempt? Kept { get; private set; }

    public ForwardRequest Request => request;

    /// <summary>How long the request has waited for a key so far; zero for not at all.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>The attempts that failed.</summary>
    public IReadOnlyList<AttemptSummary> Failed => _failed ?? [];

    /// <summary>Attempts whose refusal is the key's fault only if another key may do what was asked.</summary>
    public IReadOnlyList<Attempt> Undecided => _undecided ?? (IReadOnlyList<Attempt>)[];

    /// <summary>When every key that isn't dead said the same thing about the request itself, the first answer says it best.</summary>
    public Attempt? FirstIfAllAgree => _allAgree ? _first : null;

    /// <summary>Takes an attempt; failed ones are disposed of unless their answer may still be wanted.</summary>
    public void Add(Attempt attempt)
    {
        Count++;
        var before = _last;
        _last = attempt;
        if (attempt.Verdict == Verdict.Ok)
        {
            DisposeBut(attempt, before);
            return;
        }

        if (before != _first && before != Kept)
        {
            before?.Dispose();
        }

        (_failed ??= []).Add(new AttemptSummary(attempt.Key, (int?)attempt.Response?.StatusCode, attempt.Verdict, Skipped: false, attempt.NetworkFault, Model(attempt.Request.Call)));
        var consequence = Consequence.Of(attempt.Verdict);
        if (!consequence.KeyIsDead || attempt.IsAboutRequest)
        {
            _allAgree &= consequence.AsIsWhenAllAgree || attempt.IsAboutRequest;
            _first ??= attempt;
        }

        if (attempt.IsUndecided)
        {
            (_undecided ??= []).Add(attempt);
        }
    }

    /// <summary>Keeps an attempt's answer, if none is kept yet.</summary>
    public void Keep(Attempt attempt) => Kept ??= attempt;

    public ForwardResult Answered(Attempt attempt) => new(ForwardOutcome.Answered)
    {
        Attempt = attempt,
        AttemptCount = Begun,
        AnsweredBy = Model(attempt.Request.Call),
        LastKey = attempt.Key,
    };

    /// <summary>The upstream's answer as it is, or what its absence means.</summary>
    public ForwardResult Returned(Attempt attempt)
    {
        var left = attempt.Verdict is Verdict.ClientGone or Verdict.EdgeStopped;
        if (left || !attempt.HasAnswer)
        {
            DisposeAll();
            return left ? End(ForwardOutcome.ClientGone) with { CallerFault = attempt.CallerFault }
                : End(attempt.NeverSent ? ForwardOutcome.Unreachable : ForwardOutcome.OutcomeUnknown);
        }

        DisposeBut(attempt, _last);
        return End(ForwardOutcome.ReturnedAsIs) with { Attempt = attempt, LastKey = attempt.Key, AnsweredBy = Model(attempt.Request.Call) };
    }

    /// <summary>Every key has failed: those tried, and those skipped.</summary>
    /// <param name="skipped">Each with what it was skipped for.</param>
    public ForwardResult Exhausted(IEnumerable<(RingKey Key, GeminiCall Call)> skipped)
    {
        DisposeAll();
        var attempts = new List<AttemptSummary>(_failed ?? []);
        attempts.AddRange(skipped.Select(skip =>
            new AttemptSummary(skip.Key, null, skip.Key.Health.Cause(skip.Call.Scope) ?? Verdict.QuotaUnknown, Skipped: true, Model: Model(skip.Call))));
        return End(ForwardOutcome.AllKeysFailed) with { Attempts = [.. attempts.OrderBy(attempt => attempt.Skipped)], RetryAfter = RetryAfter(attempts) };
    }

    /// <summary>The caller has left.</summary>
    public ForwardResult Left()
    {
        DisposeAll();
        return End(ForwardOutcome.ClientGone);
    }

    public ForwardResult End(ForwardOutcome outcome)
    {
        if (outcome == ForwardOutcome.DeadlineExceeded)
        {
            DisposeAll();
        }

        return new ForwardResult(outcome)
        {
            LastKey = _last?.Key,
            AttemptCount = Begun,
            Attempts = [.. _failed ?? []],
        };
    }

    public static AttemptRecord Record(Attempt attempt, NextAction next, TimeSpan? cooldown, bool committed = false) => new()
    {
        Key = attempt.Key,
        RequestId = attempt.Request.RequestId,
        Attempt = attempt.Number,
        Method = attempt.Request.Call.Method,
        Kind = attempt.Request.Call.Kind,
        IsAboutRequest = attempt.IsAboutRequest,
        Model = attempt.Request.Call.Model is { Length: > 0 } model ? model : null,
        FallbackFrom = attempt.Request.FallbackFrom,
        Verdict = attempt.Verdict,
        Network = attempt.NetworkFault,
        Next = next,
        Status = (int?)attempt.Response?.StatusCode,
        GoogleStatus = attempt.Failure?.Error.Status is { } status ? LogName.Shorten(status) : null,
        Duration = attempt.Elapsed,
        TimeToFirstByte = attempt.TimeToFirstByte,
        Streamed = attempt.IsStreamed,
        Committed = committed,
        Cooldown = cooldown,
        Waited = attempt.Waited,
        Round = attempt.Round,
        Hedged = attempt.IsHedged,
        IsBeside = attempt.IsBeside,
        ModelVersion = attempt.Model.Version?.Text,
        Span = attempt.Span,
        PromptTokens = attempt.Usage.PromptTokens,
        OutputTokens = attempt.Usage.OutputTokens,
        Hops = attempt.Hops == 0 ? null : attempt.Hops,
    };

    // The soonest moment at which one of the keys may do; none when only an operator can help.
    private TimeSpan? RetryAfter(List<AttemptSummary> attempts)
    {
        TimeSpan? soonest = null;
        foreach (var attempt in attempts.Where(attempt => Consequence.Of(attempt.Verdict).WaitingHelps))
        {
            // A failure that leaves the key as it is says nothing of a rest the key may be serving for another.
            var rest = (Consequence.Of(attempt.Verdict).Effect == KeyEffect.Unchanged ? null : attempt.Key.Health.Rest(Scope(attempt))) ?? TimeSpan.FromSeconds(1);
            soonest = soonest is null || rest < soonest ? rest : soonest;
        }

        return soonest;
    }

    private string? Model(GeminiCall call) => NamesModels ? mask.Clean(call.Model) : null;

    private CallScope Scope(AttemptSummary attempt) => request.Call.Scope with { Model = attempt.Model ?? request.Call.Model };

    private void DisposeAll() => DisposeBut(null, _last);

    // Disposing of one twice does nothing.
    private void DisposeBut(Attempt? wanted, Attempt? last)
    {
        foreach (var attempt in (ReadOnlySpan<Attempt?>)[_first, Kept, last])
        {
            if (attempt != wanted)
            {
                attempt?.Dispose();
            }
        }
    }
}
