using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Access;

/// <summary>
/// A caller's connection, which tells one who left from one who has said that it sends no more and waits for its answer. On the
/// wire both look alike, and the server takes both for leaving. So a caller who seems to have left before its answer began is
/// sent <c>100 Continue</c>, which every client reads past: where nobody is left, the system answers with a reset. Who says so in
/// the middle of an answer can't be asked, and is taken to have left.
/// </summary>
#pragma warning disable CA1001 // The source holds nothing but registrations, and whoever looks for the caller may outlive the connection.
internal sealed class CallerConnection
#pragma warning restore CA1001
{
    private static readonly byte[] AnyoneThere = "HTTP/1.1 100 Continue\r\n\r\n"u8.ToArray();
    private static readonly TimeSpan FirstLook = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(30);
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromSeconds(15);

    private readonly Socket _socket;
    private readonly CancellationTokenSource _left = new();
    private HttpContext? _answering;
    private bool _isOver;

    private CallerConnection(Socket socket) => _socket = socket;

    public static async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            await next(connection);
            return;
        }

        var caller = new CallerConnection(socket);
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
            var (look, waited, nextQuestion, wasAsked) = (FirstLook, TimeSpan.Zero, TimeSpan.Zero, false);
            while (!Volatile.Read(ref _isOver))
            {
                // A request that came with the end of the line may not have been read yet. Without one the server ends by itself.
                if (Volatile.Read(ref _answering) is { } context)
                {
                    if (context.Response.HasStarted)
                    {
                        // Nothing can be asked in the middle of an answer: one that began before is soon over, or nobody waits for it.
                        if (!wasAsked && waited >= Moment)
                        {
                            break;
                        }
                    }
                    else if (context.Request.Protocol != HttpProtocol.Http11 || context.Features.Get<ITlsConnectionFeature>() is not null)
                    {
                        break;
                    }
                    else if (waited >= nextQuestion)
                    {
                        (wasAsked, nextQuestion) = (true, waited + BetweenQuestions);
                        await _socket.SendAsync(AnyoneThere);
                    }
                }

                // The network's time, which no clock but the machine's tells.
                await Task.Delay(look, TimeProvider.System);
                if (_socket.Poll(0, SelectMode.SelectError))
                {
                    break;
                }

                waited += look;
                look = look < LongestLook ? 2 * look : LongestLook;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // It is closed. (An InvalidOperationException says that the request is over.)
        }

        await _left.CancelAsync();
    }
}
