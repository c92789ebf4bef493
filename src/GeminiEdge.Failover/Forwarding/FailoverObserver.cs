using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Hears of every attempt and every request's end, on the request's own path: it must neither wait nor throw. Does
/// nothing itself; whoever logs or counts overrides what it needs.
/// </summary>
internal abstract class FailoverObserver
{
    /// <summary>An attempt begins.</summary>
    public virtual void AttemptBegins(RingKey key)
    {
    }

    /// <summary>An attempt has ended, its answer's copy included.</summary>
    public virtual void AttemptEnded(in AttemptRecord attempt)
    {
    }

    /// <summary>A request has ended, unless its caller ended it.</summary>
    /// <param name="verdict">Of the answer that went to the caller, if one did.</param>
    /// <param name="attempts">The failed attempts, or the one that was copied.</param>
    public virtual void RequestEnded(Verdict? verdict, ReadOnlySpan<AttemptSummary> attempts)
    {
    }

    /// <summary>An attempt has changed what is remembered of a key.</summary>
    public virtual void KeyStateChanged(RingKey key, KeyStateChange change)
    {
    }

    /// <summary>A model answers with another version than before or than its pin says, goes soon, or is gone: as often as the log tells it.</summary>
    public virtual void ModelNews(ModelNews news)
    {
    }
}
