using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Interleavings.Forwarding;

/// <summary>What the edge says of its attempts and requests.</summary>
internal sealed class Ledger : FailoverObserver
{
    public int Begun { get; private set; }

    public List<AttemptRecord> Ended { get; } = [];

    public int Requests { get; private set; }

    public override void AttemptBegins(RingKey key) => Begun++;

    public override void AttemptEnded(in AttemptRecord attempt) => Ended.Add(attempt);

    public override void RequestEnded(Verdict? verdict, ReadOnlySpan<AttemptSummary> attempts) => Requests++;

    public void Forget()
    {
        (Begun, Requests) = (0, 0);
        Ended.Clear();
    }
}
