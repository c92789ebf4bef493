using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Tells each of the registered observers.</summary>
internal sealed class Observers(IEnumerable<FailoverObserver> all)
{
    private readonly FailoverObserver[] _all = [.. all];

    public void AttemptBegins(RingKey key)
    {
        foreach (var observer in _all)
        {
            observer.AttemptBegins(key);
        }
    }

    public void AttemptEnded(in AttemptRecord attempt)
    {
        foreach (var observer in _all)
        {
            observer.AttemptEnded(in attempt);
        }
    }

    public void RequestEnded(Verdict? verdict, ReadOnlySpan<AttemptSummary> attempts)
    {
        foreach (var observer in _all)
        {
            observer.RequestEnded(verdict, attempts);
        }
    }

    public void KeyStateChanged(RingKey key, KeyStateChange change)
    {
        foreach (var observer in _all)
        {
            observer.KeyStateChanged(key, change);
        }
    }

    public void ModelNews(ModelNews news)
    {
        foreach (var observer in _all)
        {
            observer.ModelNews(news);
        }
    }
}
