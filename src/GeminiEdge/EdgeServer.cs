using GeminiEdge.Access;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge;

/// <summary>The server that carries the edge, the same in every hosting model.</summary>
public static class EdgeServer
{
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

    // Of a body that nobody reads yet so much waits in memory, for each connection: of the server's 1 MiB a thousand callers make 1 GiB.
    internal static void Configure(SocketTransportOptions sockets) => sockets.MaxReadBufferSize = 64 << 10;
}
