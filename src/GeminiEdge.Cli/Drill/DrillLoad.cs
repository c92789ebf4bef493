using System.Collections.Immutable;

namespace GeminiEdge.Cli.Drill;

/// <summary>A crowd of clients; each goes round over the edges, asking one thing at a time.</summary>
/// <param name="requestsPerSecond">What it aims at.</param>
/// <param name="askingWhole">How many of them ask for whole answers.</param>
internal sealed class DrillLoad(
    ImmutableArray<EdgeInstance> edges, EdgeClient client, Tally tally, TimeProvider time, int requestsPerSecond = DrillPace.RequestsPerSecond,
    int askingWhole = DrillLoad.AskingWhole) : IDisposable
{
    private const int AskingWhole = 16;
    private const int Streaming = 4;

    // Two to an edge: whenever a ring is swapped, a stream that has begun before ends after it.
    private const int StreamingLong = 8;

    // Shorter than any stream; it holds back those whose edge refuses them at once.
    private static readonly TimeSpan StreamPeriod = TimeSpan.FromMilliseconds(200);

    private readonly TimeSpan _wholePeriod = TimeSpan.FromSeconds((double)askingWhole / requestsPerSecond);
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _abandoned = new();
    private Task _clients = Task.CompletedTask;

    public void Start() => _clients = Task.WhenAll(
    [
        .. Enumerable.Range(0, askingWhole).Select(i => RunAsync(i, _wholePeriod, Question.Whole, Question.Whole)),
        .. Enumerable.Range(0, Streaming).Select(i => RunAsync(i, StreamPeriod, Question.Stream, Question.NativeStream)),
        .. Enumerable.Range(0, StreamingLong).Select(i => RunAsync(i, StreamPeriod, Question.LongStream, Question.LongNativeStream)),
    ]);

    /// <summary>Goes on until enough is sent, then begins nothing more and lets everything in flight finish.</summary>
    public async Task FinishAsync(int least, CancellationToken cancellationToken)
    {
        while (tally.Sent < least)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
        }

        await _closing.CancelAsync();
        await _clients.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _closing.Cancel();
        _abandoned.Cancel();
        ((IAsyncResult)_clients).AsyncWaitHandle.WaitOne();
        _closing.Dispose();
        _abandoned.Dispose();
    }

    private async Task RunAsync(int number, TimeSpan period, Question even, Question odd)
    {
        try
        {
            var began = time.GetTimestamp();
            var due = TimeSpan.Zero;

            // Both questions come to every edge: its number advances by one each time, and once more after each round.
            for (var turn = number; !_closing.IsCancellationRequested; turn++)
            {
                tally.Begin();
                tally.End(await client.AskAsync(edges[turn % edges.Length], (turn + (turn / edges.Length)) % 2 == 0 ? even : odd, _abandoned.Token));

                // What is late by more than one request is not made up for: a crowd does not ask faster because it had to wait.
                var now = time.GetElapsedTime(began);
                due = due + period > now - period ? due + period : now - period;
                if (due > now)
                {
                    await Task.Delay(due - now, time, _closing.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The load ends, or the whole drill was stopped.
        }
    }
}
