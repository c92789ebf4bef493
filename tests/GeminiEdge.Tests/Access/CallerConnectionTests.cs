using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using GeminiEdge.Access;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Tests.Access;

/// <summary>How long somebody who sends no more counts as there. Each look at the line asks whether the answer has begun, so looks are counted by that.</summary>
public sealed class CallerConnectionTests : IDisposable
{
    private const string Question = "HTTP/1.1 100 Continue\r\n\r\n";
    private readonly Socket _caller = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Socket _socket;
    private readonly CancellationTokenSource _nothingMoreComes = new();
    private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CallerConnectionTests()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _caller.Connect(listener.LocalEndpoint);
        _socket = listener.AcceptSocket();
    }

    [Fact]
    public async Task Run_ConnectionHasNoSocket_IsServedAsItIs()
    {
        var connection = new DefaultConnectionContext();
        var transport = connection.Transport;
        ConnectionContext? served = null;

        var running = CallerConnection.RunAsync(connection, given =>
        {
            served = given;
            return _served.Task;
        });

        Assert.Same(connection, served);
        Assert.Same(transport, connection.Transport);
        Assert.False(running.IsCompleted);
        _served.SetResult();
        await running;
    }

    [Fact]
    public async Task Caller_SendsNoMoreAndIsServed_CountsAsThereUntilThen()
    {
        var (running, _, left) = Start();
        await _nothingMoreComes.CancelAsync();
        Assert.False(left.IsCancellationRequested);

        _served.SetResult();
        await running;

        await IsCancelledAsync(left);
    }

    // Looks at 0, 5, 15 and 35 ms: the last is the first after the moment that an answer has to end in.
    [Fact]
    public async Task Caller_SendsNoMoreInTheMiddleOfAnAnswer_HasLeftAfterAMoment()
    {
        var (_, caller, left) = Start();
        var answer = new Answer(_ => true);
        caller.Begin(answer.Context);

        await _nothingMoreComes.CancelAsync();
        await IsCancelledAsync(left);

        Assert.Equal(4, answer.Looks);
        Assert.Equal(0, _caller.Available);
    }

    [Fact]
    public async Task Caller_WasAskedBeforeTheAnswerBegan_StaysWhileItComes()
    {
        var (_, caller, left) = Start();
        var stayed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new Answer(look =>
        {
            if (look == 6)
            {
                stayed.SetResult();
            }

            return look > 1;
        });
        caller.Begin(answer.Context);

        await _nothingMoreComes.CancelAsync();
        await stayed.Task.WaitAsync(Patience.Limit);

        Assert.False(left.IsCancellationRequested);
    }

    [Fact]
    public async Task Caller_SendsNoMore_IsAskedAtTheFirstLook()
    {
        var (_, caller, left) = Start();
        var asked = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new Answer(look =>
        {
            if (look == 2)
            {
                asked.SetResult(_caller.Poll(Patience.Limit, SelectMode.SelectRead) ? _caller.Available : 0);
            }

            return false;
        });
        caller.Begin(answer.Context);

        await _nothingMoreComes.CancelAsync();

        Assert.Equal(Question.Length, await asked.Task.WaitAsync(2 * Patience.Limit));
        Assert.False(left.IsCancellationRequested);
    }

    // A question that is sent into nothing fails only 15 seconds, and more than twenty looks, later.
    [Fact]
    public async Task Caller_LeftAfterTheQuestion_IsNoticedAtTheNextLook()
    {
        var (_, caller, left) = Start();
        var answer = new Answer(look =>
        {
            if (look == 3)
            {
                _caller.Close(timeout: 0);
            }

            return false;
        });
        caller.Begin(answer.Context);

        await _nothingMoreComes.CancelAsync();
        await IsCancelledAsync(left);

        Assert.InRange(answer.Looks, 3, 8);
    }

    [Fact]
    public async Task Caller_CannotBeAsked_HasLeft()
    {
        var (_, caller, left) = Start();
        _socket.Shutdown(SocketShutdown.Send);
        caller.Begin(new Answer(_ => false).Context);

        await _nothingMoreComes.CancelAsync();

        await IsCancelledAsync(left);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Caller_RequestIsOverMeanwhile_HasLeft(bool isDisposed)
    {
        var (_, caller, left) = Start();
        caller.Begin(new Answer(_ => throw (isDisposed ? new ObjectDisposedException("request") : new InvalidOperationException())).Context);

        await _nothingMoreComes.CancelAsync();

        await IsCancelledAsync(left);
    }

    public void Dispose()
    {
        // Whoever still looks for the caller stops.
        _served.TrySetResult();
        _nothingMoreComes.Dispose();
        _caller.Dispose();
        _socket.Dispose();
    }

    private (Task Running, CallerConnection Caller, CancellationToken Left) Start()
    {
        var connection = new DefaultConnectionContext { ConnectionClosed = _nothingMoreComes.Token };
        var line = new Pipe();
        connection.Transport = new Line(line.Reader, line.Writer);
        connection.Features.Set<IConnectionSocketFeature>(new SocketOf(_socket));
        var running = CallerConnection.RunAsync(connection, _ => _served.Task);
        return (running, connection.Features.GetRequiredFeature<CallerConnection>(), connection.ConnectionClosed);
    }

    private static async Task IsCancelledAsync(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.WaitAsync(Patience.Limit, CancellationToken.None);
    }

    private sealed record Line(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed record SocketOf(Socket Socket) : IConnectionSocketFeature;

    /// <summary>An answer that says by the number of the look whether it has begun.</summary>
    private sealed class Answer : HttpResponseFeature
    {
        private readonly Func<int, bool> _hasStarted;
        private int _looks;

        public Answer(Func<int, bool> hasStarted)
        {
            _hasStarted = hasStarted;
            Context = new DefaultHttpContext();
            Context.Features.Set<IHttpResponseFeature>(this);
            Context.Request.Protocol = HttpProtocol.Http11;
        }

        public DefaultHttpContext Context { get; }

        public int Looks => Volatile.Read(ref _looks);

        public override bool HasStarted => _hasStarted(Interlocked.Increment(ref _looks));
    }
}
