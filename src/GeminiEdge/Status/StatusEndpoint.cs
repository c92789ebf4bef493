using System.Buffers;
using System.Text.Json;
using GeminiEdge.Endpoints;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Status;

/// <summary>
/// <c>GET /api/admin/status</c>, and <c>GET /api/admin/status/events</c>, which begins with the same: instances of a fleet answer in
/// turn, and what changes must be of the one that told the rest.
/// </summary>
internal sealed class StatusEndpoint(StatusSnapshot snapshot, StatusFeed feed, ErrorWriter errors)
{
    public const string Path = "/api/admin/status";
    public const string Events = "/api/admin/status/events";

    private static readonly byte[] Stopping = "event: stop\ndata: {}\n\n"u8.ToArray();

    /// <summary>Whether a path of the admin area is one of these.</summary>
    public static bool Serves(string path) => path is Path or Events;

    public ValueTask HandleAsync(HttpContext context, string path)
    {
        if (HttpMethods.IsGet(context.Request.Method) && path == Events)
        {
            return FollowAsync(context);
        }

        return path == Path && ReadOnly.IsRead(context)
            ? TellAsync(context)
            : ReadOnly.RefuseAsync(context, errors, path == Path ? "GET, HEAD" : "GET");
    }

    private async ValueTask TellAsync(HttpContext context) =>
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, await snapshot.ReadAsync(context.RequestAborted));

    private async Task<byte[]> WholeAsync(HttpContext context)
    {
        var write = await snapshot.ReadAsync(context.RequestAborted);
        var events = new ArrayBufferWriter<byte>();
        events.Write("event: status\ndata: "u8);
        using (var json = new Utf8JsonWriter(events, JsonAnswer.Plain))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        events.Write("\n\n"u8);
        return events.WrittenSpan.ToArray();
    }

    private async ValueTask FollowAsync(HttpContext context)
    {
        if (feed.Join() is not { } listener)
        {
            await errors.WriteAsync(context, EndpointErrors.TooManyPages, $"{StatusFeed.MostListeners} pages are open, or the edge is shutting down: close one, or try again soon.");
            return;
        }

        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers["X-Accel-Buffering"] = "no";
            await SendAsync(await WholeAsync(context));
            await foreach (var events in listener.ReadAllAsync(context.RequestAborted))
            {
                // Who reads slowly gets all of it again, not what is old.
                await SendAsync(listener.TakeMissed() ? await WholeAsync(context) : events);
            }

            await SendAsync(Stopping);
        }
        finally
        {
            feed.Leave(listener);
        }

        async Task SendAsync(byte[] bytes)
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
