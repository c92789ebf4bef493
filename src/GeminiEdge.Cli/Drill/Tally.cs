using System.Collections.Immutable;
using System.Globalization;

namespace GeminiEdge.Cli.Drill;

/// <summary>Counts the load's requests, and remembers which key answered when.</summary>
internal sealed class Tally
{
    private const int FaultsKept = 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, KeyAnswers> _keys = [];
    private readonly List<(int Edge, DateTimeOffset At, string KeyId)> _switches = [];
    private readonly Dictionary<int, string> _current = [];
    private readonly List<Exchange> _streams = [];
    private readonly List<Exchange> _faults = [];
    private int _sent;
    private int _answered;
    private int _failed;
    private int _failedOver;
    private int _failedInOutage;

    public int Sent => Volatile.Read(ref _sent);

    /// <summary>The counts so far, for people.</summary>
    public string Sentence
    {
        get
        {
            lock (_lock)
            {
                return string.Create(CultureInfo.InvariantCulture,
                    $"{Sent:N0} requests sent, {_answered:N0} answered, {_failed:N0} failed{(_failedInOutage > 0 ? $"; {_failedInOutage:N0} in the outage" : "")}");
            }
        }
    }

    /// <summary>Between these no key works, so that a request may fail.</summary>
    public DateTimeOffset OutageBegan { get; set; } = DateTimeOffset.MaxValue;

    public DateTimeOffset OutageEnded { get; set; } = DateTimeOffset.MaxValue;

    public void Begin() => Interlocked.Increment(ref _sent);

    public void End(Exchange exchange)
    {
        lock (_lock)
        {
            if (exchange.Question.Streams)
            {
                _streams.Add(exchange);
            }

            if (exchange.Fault is not null && exchange.Ended >= OutageBegan && exchange.Began <= OutageEnded)
            {
                _failedInOutage++;
                return;
            }

            if (exchange.Fault is not null)
            {
                _failed++;
                if (_faults.Count < FaultsKept)
                {
                    _faults.Add(exchange);
                }

                return;
            }

            _answered++;
            _failedOver += exchange.Attempts > 1 ? 1 : 0;
            NoteKey_NeedsLock(exchange);
        }
    }

    /// <summary>The counts so far.</summary>
    public LoadResult Result()
    {
        lock (_lock)
        {
            return new LoadResult(_sent, _answered, _failed, _failedOver, [.. _faults], [.. _streams], _keys.ToImmutableDictionary()) { FailedInOutage = _failedInOutage };
        }
    }

    /// <summary>When an instance first answered, after a moment, with another key than this.</summary>
    public DateTimeOffset? FirstWithout(string keyId, int edge, DateTimeOffset after)
    {
        lock (_lock)
        {
            var changes = _switches.Where(change => change.Edge == edge).ToList();

            // One that answered with another key already has nothing to change.
            return changes.LastOrDefault(change => change.At < after) is { KeyId: { } before } && before != keyId
                ? after
                : changes.Where(change => change.At >= after && change.KeyId != keyId).Select(change => (DateTimeOffset?)change.At).FirstOrDefault();
        }
    }

    private void NoteKey_NeedsLock(Exchange exchange)
    {
        if (exchange.KeyId is not { } keyId)
        {
            return;
        }

        _keys[keyId] = _keys.TryGetValue(keyId, out var answers)
            ? answers with { Count = answers.Count + 1, Last = exchange.Ended }
            : new KeyAnswers(1, exchange.Ended, exchange.Ended);
        if (_current.GetValueOrDefault(exchange.Edge) != keyId)
        {
            _current[exchange.Edge] = keyId;
            _switches.Add((exchange.Edge, exchange.Ended, keyId));
        }
    }
}
