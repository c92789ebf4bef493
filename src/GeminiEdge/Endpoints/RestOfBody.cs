using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>
/// Reads past what a refused caller still sends: many clients read no answer before they have sent all. But a thousand who send 20 MiB each,
/// and come again, would keep the edge from everything else; so all of them together are read at a pace, and whoever isn't done in
/// five seconds has had his answer, and is cut off.
/// </summary>
internal sealed class RestOfBody(TimeProvider time)
{
    /// <summary>Of this size it is in the connection's buffers, or is soon; in bytes.</summary>
    private const long Small = 64 << 10;

    /// <summary>In bytes.</summary>
    private const int PerSecond = 32 << 20;

    /// <summary>As much comes without a pause after a quiet moment: three of the largest bodies.</summary>
    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private long _paid = long.MinValue;

    /// <summary>After the answer; of a body that has been read there is no rest. Never throws.</summary>
    public ValueTask SkipAsync(HttpContext context) =>
        context.Request.ContentLength is <= Small || !BodyReader.HasBody(context) || context.RequestAborted.IsCancellationRequested
            ? ValueTask.CompletedTask
            : new ValueTask(ReadAsync(context));

    private async Task ReadAsync(HttpContext context)
    {
        using var patience = new CancellationTokenSource(Longest, time);
        try
        {
            // Where it lies in the server's memory: a thousand of them need no buffer each.
            var body = context.Request.BodyReader;
            for (var ends = false; !ends;)
            {
                var read = await body.ReadAsync(patience.Token);
                (ends, var pause) = (read.IsCompleted, Pay(read.Buffer.Length));
                body.AdvanceTo(read.Buffer.End);
                if (!ends && pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, time, patience.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Too much, or too slow: the answer went out five seconds ago.
            context.Abort();
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            // It is broken, or somebody else still reads it: the server closes the connection when the answer is out.
        }
    }

    /// <returns>How long to wait after so many bytes.</returns>
    private TimeSpan Pay(long count)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var earliest = now - (long)(Burst.TotalSeconds * time.TimestampFrequency);
            _paid = Math.Max(_paid, earliest) + (count * time.TimestampFrequency / PerSecond);
            return time.GetElapsedTime(now, _paid);
        }
    }
}
