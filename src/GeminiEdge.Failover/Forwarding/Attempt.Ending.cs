using System.Net.Sockets;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

// How an attempt ends, and whose doing that was: the upstream's, the caller's, the edge's or nobody's.
internal sealed partial class Attempt
{
    private Verdict Gone => Request.EdgeStops ? Verdict.EdgeStopped : Verdict.ClientGone;

    private bool ClientIsGone => _aborted.IsCancellationRequested;

    /// <summary>The caller left, seen by a write that failed or by an answer that was not read to its end.</summary>
    public void BlameClient() => Conclude(Gone);

    /// <summary>The caller has the whole answer: what it does from here on is no part of it.</summary>
    public void Deliver() => _isDelivered = true;

    /// <summary>The edge shuts down, and the answer has had its time.</summary>
    public void Stop()
    {
        Conclude(Verdict.EdgeStopped);
        _cancellation.Cancel();
    }

    /// <summary>Another attempt has answered: the connection is closed, whatever would still come of it.</summary>
    public void Lose() => _cancellation.Cancel();

    /// <summary>Ends what <see cref="Lose"/> has cut off, or what would have been an answer too; a refusal that was read to its end stands.</summary>
    public void Concede()
    {
        _ended = _ended == 0 ? _time.GetTimestamp() : _ended;
        if ((Failure is null || _brokeOff) && Verdict is not (Verdict.ClientGone or Verdict.EdgeStopped))
        {
            (Verdict, Failure, NetworkFault, Usage) = (Verdict.Hedge, null, null, default);
        }
    }

    /// <summary>The caller leaves while it reads.</summary>
    public void Leave()
    {
        BlameClient();
        _cancellation.Cancel();
    }

    /// <summary>The answer ended as if it were whole, but isn't.</summary>
    public void BlameCut() => (Verdict, NetworkFault) = (Verdict.Network, Forwarding.NetworkFault.Cut);

    private static bool IsOfTheExchange(Exception e) =>
        e is OperationCanceledException or HttpRequestException or IOException or SocketException;

    private void Fail(UpstreamFailure failure)
    {
        Failure = failure;
        Verdict = VerdictTable.Judge(failure);
    }

    private void Blame(Exception exception)
    {
        // SocketsHttpHandler lets a SocketException out when a connection is reset between being opened and being used.
        var opened = exception is not (SocketException or HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        });

        // SocketsHttpHandler's connect timeout is a cancellation that nobody asked for.
        var connectTimeout = exception is OperationCanceledException && !_cancellation.IsCancellationRequested;
        _brokeOff = true;
        NeverSent = Response is null && (!opened || connectTimeout);
        CallerFault = ((exception as CallerBodyException) ?? (exception.InnerException as CallerBodyException))?.InnerException;
        TimedOut = !ClientIsGone && Verdict != Verdict.EdgeStopped && exception is OperationCanceledException && _cancellation.IsCancellationRequested;
        Conclude(ClientIsGone || CallerFault is not null ? Gone
            : TimedOut ? Verdict.UpstreamTimeout
            : Verdict.Network);
        NetworkFault = Verdict == Verdict.Network ? NetworkFaults.Of(exception) : null;
    }

    /// <summary>How the exchange ended tells nothing once the upstream has said what is wrong: SDKs leave on an error in mid-stream.</summary>
    private void Conclude(Verdict verdict)
    {
        var isOpen = Failure is null && Verdict is Verdict.Ok or Verdict.Network;
        Verdict = isOpen && !(_isDelivered && verdict is Verdict.ClientGone or Verdict.EdgeStopped) ? verdict : Verdict;
    }
}
