using System.Diagnostics;
using System.Diagnostics.Metrics;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Telemetry;

/// <summary>Counts and measures attempts, and tells of the keys when it is asked. Names and tags are a public interface: dashboards query them.</summary>
internal sealed class FailoverMetrics : FailoverObserver, IDisposable
{
    // The conventions' own advice, for times in seconds and for counts of tokens.
    private static readonly InstrumentAdvice<double> Times = new() { HistogramBucketBoundaries = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] };
    private static readonly InstrumentAdvice<long> Tokens = new() { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864] };

    private static readonly KeyState[] States = [KeyState.Unknown, KeyState.Healthy, KeyState.CoolingDown, KeyState.Rejected];

    private readonly string _server;
    private readonly KeyRingProvider _ring;
    private readonly ModelNames _models;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _firstChunk;
    private readonly Histogram<long> _tokens;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _failovers;
    private readonly Counter<long> _extra;

    public FailoverMetrics(ForwardingOptions options, KeyRingProvider ring, ModelNames models, TimeProvider time)
    {
        (_server, _ring, _models, _time) = (new Uri(options.BaseUrl).Host, ring, models, time);
        Meter = new Meter(EdgeSpans.Name);
        _duration = Meter.CreateHistogram("gen_ai.client.operation.duration", "s", "How long attempts took, their answers included.", tags: null, Times);
        _firstChunk = Meter.CreateHistogram("gen_ai.client.operation.time_to_first_chunk", "s", "How long the first piece of streamed answers took.", tags: null, Times);
        _tokens = Meter.CreateHistogram("gen_ai.client.token.usage", "{token}", "How many tokens attempts used.", tags: null, Tokens);
        _attempts = Meter.CreateCounter<long>("gemini_edge.attempts", "{attempt}", "Attempts that have ended.");
        _failovers = Meter.CreateCounter<long>("gemini_edge.failovers", "{failover}", "Attempts after which a request went on to another one.");
        _extra = Meter.CreateCounter<long>("gemini_edge.extra_attempts", "{attempt}", "Attempts in a later round, or beside another one.");
        Meter.CreateObservableGauge("gemini_edge.key.state", ReadStates, "{key}", "1 for the state that a key is in, 0 for the others.");
        Meter.CreateObservableGauge("gemini_edge.ring.age", ReadAge, "s", "How long ago the keys were last read whole.");
    }

    /// <summary>What the instruments belong to.</summary>
    public Meter Meter { get; }

    public override void AttemptEnded(in AttemptRecord attempt)
    {
        if (_attempts.Enabled)
        {
            Count(in attempt);
        }

        if (_duration.Enabled || _tokens.Enabled || _firstChunk.Enabled)
        {
            Measure(in attempt);
        }
    }

    public void Dispose() => Meter.Dispose();

    private void Count(in AttemptRecord attempt)
    {
        var (slot, verdict) = (attempt.Key.Slot.Name(), Consequence.Of(attempt.Verdict).Name);
        _attempts.Add(1, new TagList
        {
            { GenAi.Slot, slot },
            { GenAi.KeyId, attempt.Key.Id },
            { GenAi.Verdict, verdict },
            { GenAi.Next, attempt.Next.Name() },
        });
        if (attempt.Next == NextAction.NextKey)
        {
            _failovers.Add(1, new TagList { { GenAi.Slot, slot }, { GenAi.Verdict, verdict } });
        }

        if (attempt.IsBeside || attempt.Round > 1)
        {
            _extra.Add(1, new TagList { { GenAi.Reason, attempt.IsBeside ? "hedge" : "round" } });
        }
    }

    private void Measure(in AttemptRecord attempt)
    {
        var tags = new TagList
        {
            { GenAi.OperationName, GenAi.Operation(in attempt) },
            { GenAi.ProviderName, GenAi.Provider },
            { GenAi.ServerAddress, _server },
        };
        AddIfAny(ref tags, GenAi.RequestModel, _models.Asked(in attempt));
        AddIfAny(ref tags, GenAi.ResponseModel, _models.Answering(in attempt));
        MeasureTokens(tags, "input", attempt.PromptTokens);
        MeasureTokens(tags, "output", attempt.OutputTokens);
        AddIfAny(ref tags, GenAi.ErrorType, GenAi.Error(in attempt));
        _duration.Record(attempt.Duration.TotalSeconds, tags);
        if (attempt is { Streamed: true, Committed: true, TimeToFirstByte: { } first })
        {
            _firstChunk.Record(first.TotalSeconds, tags);
        }
    }

    private void MeasureTokens(TagList tags, string type, long? count)
    {
        if (count is { } tokens)
        {
            tags.Add(GenAi.TokenType, type);
            _tokens.Record(tokens, tags);
        }
    }

    private static void AddIfAny(ref TagList tags, string name, string? value)
    {
        if (value is not null)
        {
            tags.Add(name, value);
        }
    }

    // All states of each key: of one that is only told while it lasts, nobody learns when it is over.
    private IEnumerable<Measurement<int>> ReadStates()
    {
        foreach (var key in _ring.Current.Keys)
        {
            var current = key.Health.State;
            foreach (var state in States)
            {
                yield return new Measurement<int>(
                    state == current ? 1 : 0,
                    new TagList { { GenAi.Slot, key.Slot.Name() }, { GenAi.KeyId, key.Id }, { GenAi.KeyState, state.Name() } });
            }
        }
    }

    private IEnumerable<Measurement<double>> ReadAge() =>
        _ring.InUse.ReadAt is { } readAt ? [new Measurement<double>((_time.GetUtcNow() - readAt).TotalSeconds)] : [];
}
