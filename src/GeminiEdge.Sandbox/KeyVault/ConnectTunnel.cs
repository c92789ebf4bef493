using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>
/// An HTTP proxy that leads to one endpoint whatever host a client asks for, so that the client can use the vault's real name.
/// </summary>
internal static class ConnectTunnel
{
    private const int LongestHead = 8 * 1024;

    public static async Task RunAsync(ConnectionContext client, IPEndPoint target)
    {
        if (!await ReadHeadAsync(client.Transport.Input))
        {
            await client.Transport.Output.WriteAsync("HTTP/1.1 405 Method Not Allowed\r\nAllow: CONNECT\r\nConnection: close\r\n\r\n"u8.ToArray());
            return;
        }

        using var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, client.ConnectionClosed);
            await client.Transport.Output.WriteAsync("HTTP/1.1 200 Connection Established\r\n\r\n"u8.ToArray());
            await using var vault = new NetworkStream(socket);
            await Task.WhenAny(client.Transport.Input.CopyToAsync(vault, client.ConnectionClosed), vault.CopyToAsync(client.Transport.Output));
        }
        catch (Exception error) when (error is SocketException or IOException or OperationCanceledException or ConnectionAbortedException)
        {
            // Either side has gone: so does the other.
        }
    }

    /// <summary>Takes the request line and its headers off the pipe; false unless they ask for a tunnel.</summary>
    private static async Task<bool> ReadHeadAsync(PipeReader input)
    {
        while (true)
        {
            var read = await input.ReadAsync();
            var reader = new SequenceReader<byte>(read.Buffer);
            if (reader.TryReadTo(out ReadOnlySequence<byte> head, "\r\n\r\n"u8))
            {
                var asksForTunnel = Encoding.ASCII.GetString(head).StartsWith("CONNECT ", StringComparison.Ordinal);
                input.AdvanceTo(reader.Position);
                return asksForTunnel;
            }

            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted || read.Buffer.Length > LongestHead)
            {
                return false;
            }
        }
    }
}
