using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Access;

/// <summary>
/// A caller's connection, which tells one who left from one who has said that it sends no more and waits for its answer. On the
/// wire both look alike, and the server takes both for leaving. So a caller who seems to have left before its answer began is
/// sent <c>100 Continue</c>, which every client reads past: where nobody is left, the system answers with a reset.
/// </summary>
#pragma warning disable CA1001 // The source holds nothing but registrations, and whoever looks for the caller may outlive the connection.
internal sealed class CallerConnection
#pragma warning restore CA1001
{
    private static readonly byte[] AnyoneThere = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan NextQuestion = TimeSpan.FromSeconds(15);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _left = new();
    private HttpContext? _answering;
    private bool _isOver;

    private CallerConnection(Socket socket, TimeProvider time) => (_socket, _time) = (socket, time);

    public static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next, TimeProvider time)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            await next(connection);
            return;
        }

        var caller = new CallerConnection(socket, time);
        await using var ended = connection.ConnectionClosed.UnsafeRegister(static caller => _ = ((CallerConnection)caller!).DecideAsync(), caller);
        connection.ConnectionClosed = caller._left.Token;
        connection.Transport = new Transport(new CallerInput(connection.Transport.Input), connection.Transport.Output);
        connection.Features.Set(caller);
        try
        {
            await next(connection);
        }
        finally
        {
            Volatile.Write(ref caller._isOver, true);
        }
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>A request of this connection is being answered.</summary>
    public void Begin(HttpContext context) => Volatile.Write(ref _answering, context);

    public void End() => Volatile.Write(ref _answering, null);

    /// <summary>Nothing more comes from the caller.</summary>
    private async Task DecideAsync()
    {
        try
        {
            var (look, sinceQuestion) = (FirstLook, NextQuestion);
            while (!Volatile.Read(ref _isOver))
            {
                // A request that came with the end of the line may not have been read yet. Without one the server ends by itself.
                if (Volatile.Read(ref _answering) is { } context)
                {
                    if (context.Response.HasStarted && sinceQuestion < NextQuestion)
                    {
                        // It was there when it was asked, and hears the answer; whether it stays, writing tells.
                        return;
                    }

                    if (context.Response.HasStarted || context.Request.Protocol != HttpProtocol.Http11 || context.Request.IsHttps)
                    {
                        break;
                    }

                    if (sinceQuestion >= NextQuestion)
                    {
                        sinceQuestion = TimeSpan.Zero;
                        await _socket.SendAsync(AnyoneThere);
                    }
                }

                await Task.Delay(look, _time);
                if (_socket.Poll(0, SelectMode.SelectError))
                {
                    break;
                }

                sinceQuestion += look;
                look = look < LongestLook ? 2 * look : look;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It is closed. (An InvalidOperationException says that the request is over.)
        }

        await _left.CancelAsync();
    }
}
