using System.Collections.Concurrent;
using System.Net.Sockets;

namespace GeminiEdge.Bench.Overload;

/// <summary>An attack under way, in a process of its own.</summary>
internal sealed class Crowd(Attack attack, Uri edge, string clientKey, TimeProvider time) : IAsyncDisposable
{
    public const string Role = "--crowd";

    // A system's queue of connections that wait to be taken is no part of the edge.
    private const int ConnectingAtOnce = 100;

    private readonly CancellationTokenSource _over = new();
    private readonly SemaphoreSlim _connecting = new(ConnectingAtOnce);
    private readonly ConcurrentDictionary<string, int> _ends = new();
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _crowd = Task.CompletedTask;
    private int _connected;

    /// <summary>What its connections came to so far.</summary>
    private string Ends => string.Join(", ", _ends.OrderByDescending(end => end.Value).Select(end => $"{end.Value:N0} {end.Key}"));

    /// <summary>Says when everybody is there; at a line of standard input, what they came to so far.</summary>
    public static async Task<int> RunAsync(Attack attack, Uri edge, string clientKey, TimeProvider time)
    {
        await using var crowd = new Crowd(attack, edge, clientKey, time);
        await crowd.BeginAsync();
        await Console.Out.WriteLineAsync("there");
        while (await Console.In.ReadLineAsync() is not null)
        {
            await Console.Out.WriteLineAsync(crowd.Ends);
        }

        return 0;
    }

    /// <summary>Ends when everybody has been connected once.</summary>
    private Task BeginAsync()
    {
        _crowd = Task.WhenAll(Enumerable.Range(0, attack.Crowd).Select(_ => OneAsync()));
        return _all.Task;
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _crowd;
        _over.Dispose();
        _connecting.Dispose();
    }

    private async Task OneAsync()
    {
        var isCounted = false;
        while (!_over.IsCancellationRequested)
        {
            using var attacker = new Attacker(edge, clientKey, _ends, time);
            try
            {
                await _connecting.WaitAsync(_over.Token);
                try
                {
                    await attacker.ConnectAsync(_over.Token);
                }
                finally
                {
                    _connecting.Release();
                }

                if (!isCounted && Interlocked.Increment(ref _connected) == attack.Crowd)
                {
                    _all.SetResult();
                }

                isCounted = true;

                await attack.OneAsync(attacker, _over.Token);
            }
            catch (SocketException)
            {
                attacker.Note("reset");
                await Task.Delay(TimeSpan.FromSeconds(1), time, _over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // It is over.
            }
        }
    }
}
