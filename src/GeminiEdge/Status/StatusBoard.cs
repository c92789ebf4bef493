using System.Collections.Immutable;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Status;

/// <summary>
/// Remembers what an operator wants to see: the last attempts, the last hour by minute, the last changes. It lies on every
/// request's path: one short lock, nothing allocated, and nobody is told; who wants to know looks.
/// </summary>
internal sealed class StatusBoard : FailoverObserver
{
    public const int MostAttempts = 200;
    public const int MostEvents = 100;

    /// <summary>An hour, the current minute included.</summary>
    public const int MinutesKept = 60;

    // A ring holds ten; the others have left it lately.
    private const int MostKeys = 20;

    private readonly Lock _lock = new();
    private readonly Recent<SeenAttempt> _attempts = new(MostAttempts);
    private readonly Recent<StatusEvent> _events = new(MostEvents);
    private readonly StatusMinutes _minutes = new();
    private readonly List<KeyTally> _keys = [];
    private readonly KeyRingProvider _ring;
    private readonly TimeProvider _time;

    public StatusBoard(KeyRingProvider ring, TimeProvider time)
    {
        (_ring, _time, Started) = (ring, time, time.GetUtcNow());
        if (!ring.Current.Keys.IsEmpty)
        {
            RingSwapped();
        }

        ring.Swapped += RingSwapped;
    }

    public DateTimeOffset Started { get; }

    public override void AttemptEnded(in AttemptRecord attempt)
    {
        var now = _time.GetUtcNow();
        var minute = MinuteOf(now);
        var isFailure = attempt.CountsAs is not (null or Outcome.Ok or Outcome.Caller);
        lock (_lock)
        {
            _attempts.Add(new SeenAttempt(now, attempt));
            _minutes.AddAttempt(minute, attempt.Next == NextAction.NextKey, attempt.Verdict == Verdict.Ok ? attempt.TimeToFirstByte ?? attempt.Duration : null);
            var tally = Tally_NeedsLock(attempt.Key);
            tally.Attempts++;
            tally.LastAttempt = now;
            tally.Minutes.Add(minute, 0);
            if (isFailure)
            {
                tally.Failures++;
                tally.Minutes.Add(minute, 1);
            }
        }
    }

    /// <summary>What the caller ended, or did wrong, is no failure.</summary>
    public override void RequestEnded(Verdict? verdict, ReadOnlySpan<AttemptSummary> attempts)
    {
        var outcome = verdict is { } answer ? Consequence.Of(answer).CountsAs : Outcome.Upstream;
        if (outcome is null)
        {
            return;
        }

        var minute = MinuteOf(_time.GetUtcNow());
        lock (_lock)
        {
            _minutes.AddRequest(minute, failed: outcome is not (Outcome.Ok or Outcome.Caller));
        }
    }

    public override void KeyStateChanged(RingKey key, KeyStateChange change) => Add(StatusEvent.Of(_time.GetUtcNow(), key, change));

    public override void ModelNews(ModelNews news) => Add(StatusEvent.Of(_time.GetUtcNow(), news));

    /// <summary>What there is from these numbers on.</summary>
    public BoardReading Read(long attempts = 0, long events = 0)
    {
        var now = MinuteOf(_time.GetUtcNow());
        lock (_lock)
        {
            return new BoardReading(
                _attempts.Since(attempts),
                _attempts.Count,
                _events.Since(events),
                _events.Count,
                _minutes.Read(now),
                [.. _keys.Select(tally => new KeySeen(tally.Key, tally.Attempts, tally.Failures, tally.LastAttempt, tally.Minutes.Read(now)))]);
        }
    }

    private static long MinuteOf(DateTimeOffset time) => time.ToUnixTimeSeconds() / 60;

    private void RingSwapped() => Add(StatusEvent.Of(_time.GetUtcNow(), _ring.Current));

    private void Add(StatusEvent what)
    {
        lock (_lock)
        {
            _events.Add(what);
        }
    }

    private KeyTally Tally_NeedsLock(RingKey key)
    {
        foreach (var tally in _keys)
        {
            if (tally.Is(key))
            {
                tally.Key = key;
                return tally;
            }
        }

        if (_keys.Count == MostKeys)
        {
            _keys.Remove(_keys.MinBy(tally => tally.LastAttempt)!);
        }

        var added = new KeyTally(key);
        _keys.Add(added);
        return added;
    }
}

/// <summary>An attempt, and when it ended.</summary>
internal readonly record struct SeenAttempt(DateTimeOffset At, AttemptRecord Record);

/// <summary>What was counted of one slot and key_id.</summary>
/// <param name="Minutes">Rows of minute, attempts, failures.</param>
internal sealed record KeySeen(RingKey Key, long Attempts, long Failures, DateTimeOffset LastAttempt, ImmutableArray<ImmutableArray<long>> Minutes);

/// <summary>What the board holds, at one moment.</summary>
/// <param name="NextAttempt">The number of the next attempt.</param>
/// <param name="NextEvent">The number of the next event.</param>
internal sealed record BoardReading(
    ImmutableArray<Numbered<SeenAttempt>> Attempts,
    long NextAttempt,
    ImmutableArray<Numbered<StatusEvent>> Events,
    long NextEvent,
    ImmutableArray<StatusMinute> Minutes,
    ImmutableArray<KeySeen> Keys)
{
    public KeySeen? Of(RingKey key) => Keys.FirstOrDefault(seen => seen.Key.Slot == key.Slot && seen.Key.Id == key.Id);
}
