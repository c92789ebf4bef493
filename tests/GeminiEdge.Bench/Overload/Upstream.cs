using System.Text;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Bench.Overload;

/// <summary>Gemini, as far away as it is, and with one model that says more than anybody reads.</summary>
internal sealed class Upstream(TimeProvider time)
{
    public const string FloodModel = "gemini-flood";

    private const int EventsOfAStream = 1000;
    private static readonly TimeSpan Away = TimeSpan.FromMilliseconds(100);
    private static readonly byte[] Event = Encoding.ASCII.GetBytes($"data: {Answer(10_000)}\r\n\r\n");
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

        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        if (path.Contains(":stream", StringComparison.Ordinal))
        {
            context.Response.ContentType = "text/event-stream";
            for (var i = 0; i < EventsOfAStream; i++)
            {
                await context.Response.Body.WriteAsync(Event, context.RequestAborted);
            }

            return true;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Whole.Length;
        await context.Response.Body.WriteAsync(Whole, context.RequestAborted);
        return true;
    }

    private static string Answer(int length) =>
        $$"""{"candidates":[{"content":{"role":"model","parts":[{"text":"{{new string('a', length)}}"}]},"finishReason":"STOP"}]}""";
}
