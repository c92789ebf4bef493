using GeminiEdge.Access;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Access;

/// <summary>The real limit of a process is in DescriptorTests.</summary>
public sealed class ConnectionLimitTests : ILogger<ConnectionLimit>
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _log = [];

    [Fact]
    public async Task Take_OneMoreThanThereMayBe_IsClosedUntilAnotherEnds()
    {
        using var limit = new ConnectionLimit(2, this, _time);
        var (first, second, third, fourth) = (new Connection(), new Connection(), new Connection(), new Connection());
        var running = new[] { limit.TakeAsync(first, first.RunAsync), limit.TakeAsync(second, second.RunAsync) };

        await limit.TakeAsync(third, third.RunAsync);

        Assert.Equal((true, true, false), (first.Runs, second.Runs, third.Runs));
        Assert.Equal((false, false, true), (first.IsAborted, second.IsAborted, third.IsAborted));
        Assert.Equal("connections_refused: 1 connections were closed at once: 2 are open, as many as the process has files for (ulimit -n, LimitNOFILE).", Assert.Single(_log));

        second.End();
        await running[1];
        var last = limit.TakeAsync(fourth, fourth.RunAsync);

        Assert.Equal((true, false), (fourth.Runs, fourth.IsAborted));
        first.End();
        fourth.End();
        await running[0];
        await last;
    }

    [Fact]
    public async Task Take_ConnectionFails_CountsNoMore()
    {
        using var limit = new ConnectionLimit(1, this, _time);
        var (failing, next) = (new Connection(), new Connection());
        await Assert.ThrowsAsync<IOException>(() => limit.TakeAsync(failing, _ => throw new IOException()));

        var running = limit.TakeAsync(next, next.RunAsync);

        Assert.True(next.Runs);
        next.End();
        await running;
    }

    [Fact]
    public async Task Take_NothingSaysHowManyThereMayBe_TakesEach()
    {
        using var limit = new ConnectionLimit(null, this, _time);
        var connections = Enumerable.Range(0, 100).Select(_ => new Connection()).ToList();
        var running = connections.ConvertAll(connection => limit.TakeAsync(connection, connection.RunAsync));

        Assert.All(connections, connection => Assert.True(connection.Runs && !connection.IsAborted));
        connections.ForEach(connection => connection.End());
        await Task.WhenAll(running);
    }

    [Fact]
    public async Task Dispose_SomeWereNotToldOf_TellsHowMany()
    {
        var limit = new ConnectionLimit(0, this, _time);
        for (var i = 0; i < 4; i++)
        {
            await limit.TakeAsync(new Connection(), _ => Task.CompletedTask);
        }

        limit.Dispose();

        Assert.Equal(["1", "3"], _log.Select(line => line.Split(' ')[1]));
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Add($"{eventId.Name}: {formatter(state, exception)}");

    private sealed class Connection : DefaultConnectionContext
    {
        private readonly TaskCompletionSource _end = new();

        public bool Runs { get; private set; }

        public bool IsAborted { get; private set; }

        public Task RunAsync(ConnectionContext connection)
        {
            Runs = true;
            return _end.Task;
        }

        public void End() => _end.SetResult();

        public override void Abort(ConnectionAbortedException abortReason) => IsAborted = true;
    }
}
