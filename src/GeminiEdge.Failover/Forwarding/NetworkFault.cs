using System.Net.Sockets;
using System.Security.Authentication;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>What went wrong between the edge and the upstream, where the verdict is <c>network</c>.</summary>
internal enum NetworkFault : byte
{
    /// <summary>The upstream's name was not found.</summary>
    Dns,

    /// <summary>Nobody took the connection.</summary>
    Connect,

    /// <summary>The connection took too long to open.</summary>
    Timeout,

    /// <summary>No trust: a certificate, or an encryption that only one side knows.</summary>
    Tls,

    /// <summary>The connection broke after it was opened.</summary>
    Reset,

    /// <summary>What came is not HTTP.</summary>
    Protocol,

    /// <summary>The answer ended in order, and is not whole.</summary>
    Cut,
}

/// <summary>The faults' public names, and how one is told from an exception.</summary>
internal static class NetworkFaults
{
    /// <summary>As in the log's field <c>network</c> and in texts.</summary>
    public static string Name(this NetworkFault fault) => fault switch
    {
        NetworkFault.Dns => "dns",
        NetworkFault.Connect => "connect",
        NetworkFault.Timeout => "timeout",
        NetworkFault.Tls => "tls",
        NetworkFault.Reset => "reset",
        NetworkFault.Protocol => "protocol",
        _ => "cut",
    };

    public static NetworkFault Of(Exception exception) => exception switch
    {
        // The only cancellation that is a network's fault is the connect timeout.
        OperationCanceledException => NetworkFault.Timeout,
        _ when Innermost<HttpProtocolException>(exception) is { } http2 => BreaksRules(http2) ? NetworkFault.Protocol : NetworkFault.Reset,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => NetworkFault.Tls,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => NetworkFault.Dns,
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } e => Innermost<SocketException>(e) is { } socket ? OfOpening(socket) : NetworkFault.Connect,
        HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded }
            or HttpIOException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.ConfigurationLimitExceeded } => NetworkFault.Protocol,
        _ when Innermost<AuthenticationException>(exception) is not null => NetworkFault.Tls,
        _ => NetworkFault.Reset,
    };

    // PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED to COMPRESSION_ERROR; the rest of HTTP/2's codes say in many words that it is over.
    private static bool BreaksRules(HttpProtocolException http2) => http2.ErrorCode is 1 or 3 or 5 or 6 or 9;

    private static NetworkFault OfOpening(SocketException socket) => socket.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => NetworkFault.Dns,
        SocketError.TimedOut => NetworkFault.Timeout,
        SocketError.ConnectionReset => NetworkFault.Reset,
        _ => NetworkFault.Connect,
    };

    private static T? Innermost<T>(Exception exception)
        where T : Exception
    {
        T? found = null;
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            found = inner as T ?? found;
        }

        return found;
    }
}
