using System.Globalization;
using GeminiEdge.Cli.Drill;

namespace GeminiEdge.Cli.Practice;

/// <summary>A few callers of both edges, who tell whenever what they get changes.</summary>
internal sealed class PracticeCallers(DrillBed bed, PracticeKeys keys, Terminal terminal, TimeProvider time) : IAsyncDisposable
{
    /// <summary>More would be a load test.</summary>
    public const int Most = 100;

    private readonly EdgeClient _client = new(bed.ClientKey, time);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<int, (DateTimeOffset Began, string Gets)> _now = [];
    private Task _asking = Task.CompletedTask;
    private int _perSecond = 10;
    private int _answered;
    private int _failedOver;
    private int _failed;

    /// <summary>How many requests are sent each second, over both edges; none at 0.</summary>
    public int PerSecond
    {
        get => Volatile.Read(ref _perSecond);
        set => Volatile.Write(ref _perSecond, value);
    }

    /// <summary>What came of them so far.</summary>
    public string Counts
    {
        get
        {
            lock (_lock)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{_answered:N0} requests answered, {_failedOver:N0} of them after a failover, {_failed:N0} failed.");
            }
        }
    }

    public void Start() => _asking = AskAsync();

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _asking;
        _client.Dispose();
        _end.Dispose();
    }

    private async Task AskAsync()
    {
        try
        {
            for (var turn = 0; ; turn++)
            {
                var perSecond = PerSecond;
                if (perSecond > 0)
                {
                    _ = AskAsync(bed.Edges[turn % bed.Edges.Length]);
                }

                await Task.Delay(TimeSpan.FromSeconds(1.0 / Math.Max(perSecond, 1)), time, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The sandbox ends.
        }
    }

    private async Task AskAsync(EdgeInstance edge)
    {
        try
        {
            Note(await _client.AskAsync(edge, Question.Whole, _end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The same.
        }
    }

    private void Note(Exchange exchange)
    {
        var gets = exchange.Fault ?? exchange.KeyId ?? "";
        lock (_lock)
        {
            _answered += exchange.Fault is null ? 1 : 0;
            _failedOver += exchange is { Fault: null, Attempts: > 1 } ? 1 : 0;
            _failed += exchange.Fault is null ? 0 : 1;

            // A slow answer may come after one that began later, and is no news then.
            if (_now.TryGetValue(exchange.Edge, out var before) && (before.Gets == gets || before.Began > exchange.Began))
            {
                return;
            }

            _now[exchange.Edge] = (exchange.Began, gets);
        }

        terminal.Say(exchange.Fault is null
            ? $"{exchange.Ended:HH:mm:ss}  edge {exchange.Edge} answers with {keys.Name(gets)}"
            : $"{exchange.Ended:HH:mm:ss}  edge {exchange.Edge} fails: {exchange.Status?.ToString(CultureInfo.InvariantCulture) ?? "no answer"}, {gets}");
    }
}
