using GeminiEdge.Access;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge;

/// <summary>The server that carries the edge, the same in every hosting model.</summary>
public static class EdgeServer
{
    /// <summary>In bytes.</summary>
    private const int MostUnread = 64 << 10;

    /// <summary>In bytes; on a line of 100 ms a file comes at 2.5 MB a second.</summary>
    private const int MostUnsent = 256 << 10;

    /// <summary>Sets what the edge needs of it. After <c>AddGeminiEdge</c>.</summary>
    public static void Configure(KestrelServerOptions kestrel)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        kestrel.AddServerHeader = false;

        // The edge bounds each body itself, and does not bound uploads.
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(next =>
        {
            var limit = endpoint.ApplicationServices.GetRequiredService<ConnectionLimit>();
            return connection => limit.TakeAsync(connection, taken => CallerConnection.RunAsync(taken, next));
        }));
    }

    internal static void Configure(SocketTransportOptions sockets)
    {
        // Of a body that nobody reads yet so much waits in memory, for each connection: of the server's 1 MiB a thousand callers make 1 GiB.
        sockets.MaxReadBufferSize = MostUnread;
        sockets.CreateBoundListenSocket = static endpoint =>
        {
            // Of an answer that nobody reads the system would keep 4 MB for each. Connections have it of the socket that they came by.
            var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
            socket.SendBufferSize = MostUnsent;
            return socket;
        };
    }
}
