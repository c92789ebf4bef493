using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Bench.Connections;

/// <summary>Answers after 200 ms: whole, or in ten pieces, one each 100 ms.</summary>
internal sealed class Model
{
    private static readonly TimeSpan Thinks = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly byte[] Piece = new byte[300];

    private int _requests;

    /// <summary>Told when an answer is no longer wanted.</summary>
    public Action? Left { get; set; }

    /// <summary>What to do to the connection of each request.</summary>
    public Action<IConnectionLifetimeNotificationFeature>? OnConnection { get; set; }

    public int Requests => Volatile.Read(ref _requests);

    public async Task AnswerAsync(HttpContext context)
    {
        Interlocked.Increment(ref _requests);
        OnConnection?.Invoke(context.Features.Get<IConnectionLifetimeNotificationFeature>()!);
        var left = context.RequestAborted;
        using var leaving = left.Register(() => Left?.Invoke());
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, left);
            await Task.Delay(Thinks, TimeProvider.System, left);
            var streams = context.Request.Path.Value!.Contains("stream", StringComparison.Ordinal);
            context.Response.ContentType = streams ? "text/event-stream" : "application/json";
            for (var piece = 0; piece < (streams ? 10 : 1); piece++)
            {
                if (piece > 0)
                {
                    await Task.Delay(Interval, TimeProvider.System, left);
                }

                await context.Response.Body.WriteAsync(Piece, left);
                await context.Response.Body.FlushAsync(left);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody wants the rest.
        }
    }
}
