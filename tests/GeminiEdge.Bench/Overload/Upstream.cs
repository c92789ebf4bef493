using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Bench.Overload;

/// <summary>Gemini, as far away as it is, and with one model that says more than anybody reads.</summary>
internal sealed class Upstream(TimeProvider time)
{
    public const string FloodModel = "gemini-flood";

    private const int EventsOfAStream = 1000;
    private const int Piece = 10_000;
    private const int OnTheWay = 64 << 10;
    private static readonly TimeSpan Away = TimeSpan.FromMilliseconds(100);

    // 250 kB a second for each answer, more than any model says: what a thousand cost at the speed of this machine's memory would be their own sender's to pay.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    private static readonly byte[] Event = Encoding.ASCII.GetBytes($"data: {Answer(Piece)}\r\n\r\n");
    private static readonly byte[] Whole = Encoding.ASCII.GetBytes(Answer(8 << 20));

    /// <summary>The sandbox's hook.</summary>
    public async Task<bool> AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        if (!path.Contains(FloodModel, StringComparison.Ordinal))
        {
            await Task.Delay(Away, time, context.RequestAborted);
            return false;
        }

        // What waits on the way to the edge waits elsewhere, and not in this machine's memory.
        context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket.SendBufferSize = OnTheWay;
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        if (path.Contains(":stream", StringComparison.Ordinal))
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < EventsOfAStream; i++)
            {
                await context.Response.Body.WriteAsync(Event, context.RequestAborted);
                await Task.Delay(Pause, time, context.RequestAborted);
            }

            return true;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Whole.Length;

        for (var sent = 0; sent < Whole.Length; sent += Piece)
        {
            await context.Response.Body.WriteAsync(Whole.AsMemory(sent, Math.Min(Piece, Whole.Length - sent)), context.RequestAborted);
            await Task.Delay(Pause, time, context.RequestAborted);
        }

        return true;
    }

    private static string Answer(int length) =>
        $$"""{"candidates":[{"content":{"role":"model","parts":[{"text":"{{new string('a', length)}}"}]},"finishReason":"STOP"}]}""";
}
