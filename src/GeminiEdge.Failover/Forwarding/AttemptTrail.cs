using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>The attempts of one request so far, and the results that can come of them.</summary>
internal sealed class AttemptTrail(ForwardRequest request)
{
    private List<AttemptSummary>? _failed;
    private List<Attempt>? _undecided;
    private Attempt? _first;
    private Attempt? _last;
    private bool _allAgree = true;

    public int Count { get; private set; }

    public ForwardRequest Request => request;

    /// <summary>How long the request has waited for a key so far; zero for not at all.</summary>
    public TimeSpan Waited { get; set; }

    /// <summary>Attempts whose refusal is the key's fault only if another key may do what was asked.</summary>
    public IEnumerable<Attempt> Undecided => _undecided ?? [];

    /// <summary>When every key that isn't dead said the same thing about the request itself, the first answer says it best.</summary>
    public Attempt? FirstIfAllAgree => _allAgree ? _first : null;

    /// <summary>Takes an attempt; failed ones are disposed of unless their answer may still be wanted.</summary>
    public void Add(Attempt attempt)
    {
        Count++;
        if (_last is not null && _last != _first)
        {
            _last.Dispose();
        }

        _last = attempt;
        if (attempt.Verdict == Verdict.Ok)
        {
            _first?.Dispose();
            return;
        }

        (_failed ??= []).Add(new AttemptSummary(attempt.Key, (int?)attempt.Response?.StatusCode, attempt.Verdict, Skipped: false, attempt.NetworkFault));
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

    public ForwardResult Answered(Attempt attempt) => End(ForwardOutcome.Answered) with { Attempt = attempt };

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

        (attempt == _first ? _last != _first ? _last : null : _first)?.Dispose();
        return End(ForwardOutcome.ReturnedAsIs) with { Attempt = attempt, LastKey = attempt.Key };
    }

    /// <summary>Every key has failed: those tried, and those skipped.</summary>
    public ForwardResult Exhausted(IEnumerable<RingKey> skipped)
    {
        DisposeAll();
        var call = request.Call.Scope;
        var attempts = new List<AttemptSummary>(_failed ?? []);
        attempts.AddRange(skipped.Select(key => new AttemptSummary(key, null, key.Health.Cause(call) ?? Verdict.QuotaUnknown, Skipped: true)));
        return End(ForwardOutcome.AllKeysFailed) with { Attempts = [.. attempts.OrderBy(attempt => attempt.Skipped)], RetryAfter = RetryAfter(attempts, call) };
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
            AttemptCount = Count,
            Attempts = outcome == ForwardOutcome.Answered ? [] : [.. _failed ?? []],
        };
    }

    public AttemptRecord Record(Attempt attempt, NextAction next, TimeSpan? cooldown) =>
        Record(attempt, request, next, cooldown, committed: false);

    public static AttemptRecord Record(Attempt attempt, ForwardRequest request, NextAction next, TimeSpan? cooldown, bool committed) => new()
    {
        Key = attempt.Key,
        RequestId = request.RequestId,
        Attempt = attempt.Number,
        Method = request.Call.Method,
        Kind = request.Call.Kind,
        IsAboutRequest = attempt.IsAboutRequest,
        Model = request.Call.Model.Length == 0 ? null : request.Call.Model,
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
        PromptTokens = attempt.Usage.PromptTokens,
        OutputTokens = attempt.Usage.OutputTokens,
        Hops = attempt.Hops == 0 ? null : attempt.Hops,
    };

    // The soonest moment at which one of the keys may do; none when only an operator can help.
    private static TimeSpan? RetryAfter(List<AttemptSummary> attempts, CallScope call)
    {
        TimeSpan? soonest = null;
        foreach (var attempt in attempts.Where(attempt => Consequence.Of(attempt.Verdict).WaitingHelps))
        {
            // A failure that leaves the key as it is says nothing of a rest the key may be serving for another.
            var rest = (Consequence.Of(attempt.Verdict).Effect == KeyEffect.Unchanged ? null : attempt.Key.Health.Rest(call)) ?? TimeSpan.FromSeconds(1);
            soonest = soonest is null || rest < soonest ? rest : soonest;
        }

        return soonest;
    }

    private void DisposeAll()
    {
        _first?.Dispose();
        if (_last != _first)
        {
            _last?.Dispose();
        }
    }
}
