using System.Buffers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Puts an error in the envelope of its route.</summary>
internal static class ErrorWriter
{
    /// <param name="isAtTheDoor">The front refuses the key, in its own form whatever the route's is.</param>
    public static async Task WriteAsync(HttpResponse response, GeminiError error, Envelope envelope, bool isAtTheDoor = false)
    {
        response.StatusCode = error.Code;
        if (error.Html is { } page)
        {
            response.ContentType = "text/html; charset=UTF-8";
            await response.WriteAsync(page, response.HttpContext.RequestAborted);
            return;
        }

        response.ContentType = envelope == Envelope.EventStream ? "text/event-stream" : "application/json; charset=UTF-8";
        JsonNode body = (envelope, isAtTheDoor) switch
        {
            (Envelope.Array, _) or (Envelope.Interaction, true) => new JsonArray(error.ToJson()),
            (Envelope.Interaction, false) => new JsonObject { ["error"] = InteractionErrors.Describe(error) },
            _ => error.ToJson(),
        };
        Json.Write(response.BodyWriter, body, pretty: true);
        response.BodyWriter.Write("\n"u8);
        await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
    }
}
