using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Streams chunks, each flushed: as Gemini's events (CRLF), as OpenAI's (LF), as an interaction's, which are named, or as the elements of a JSON array.</summary>
internal sealed class ChunkWriter(HttpResponse response, RouteFamily family, Envelope envelope)
{
    private readonly bool _named = envelope == Envelope.Interaction;
    private readonly bool _array = family != RouteFamily.OpenAi && envelope == Envelope.Array;
    private bool _begun;

    public Task WriteAsync(JsonNode chunk)
    {
        Begin();
        if (_array)
        {
            Json.Write(response.BodyWriter, chunk, pretty: true);
            response.BodyWriter.Write("\n"u8);
        }
        else
        {
            if (_named)
            {
                response.BodyWriter.Write(Encoding.UTF8.GetBytes($"event: {chunk.Text("event_type")}\n"));
            }

            response.BodyWriter.Write("data: "u8);
            Json.Write(response.BodyWriter, chunk, pretty: false);
            response.BodyWriter.Write(_named || family == RouteFamily.OpenAi ? "\n\n"u8 : "\r\n\r\n"u8);
        }

        return FlushAsync();
    }

    /// <summary>An error after the 200: an element of the array, an interaction's event, elsewhere pretty JSON without <c>data:</c>.</summary>
    public Task WriteErrorAsync(GeminiError error)
    {
        if (_named)
        {
            return WriteAsync(InteractionJson.Error(error));
        }

        Begin();
        Json.Write(response.BodyWriter, family == RouteFamily.OpenAi ? new JsonArray(error.ToJson()) : error.ToJson(), pretty: true);
        response.BodyWriter.Write(_array ? "\n]"u8 : "\n"u8);
        return FlushAsync();
    }

    public Task CompleteAsync()
    {
        if (!_begun && _array)
        {
            response.BodyWriter.Write("["u8);
        }

        SetContentType();
        response.BodyWriter.Write(_array ? "]\n"u8 : _named ? "event: done\ndata: [DONE]\n\n"u8 : family == RouteFamily.OpenAi ? "data: [DONE]\n\n"u8 : ""u8);
        return FlushAsync();
    }

    private void Begin()
    {
        SetContentType();
        if (_array)
        {
            response.BodyWriter.Write(_begun ? ",\r\n"u8 : "["u8);
        }

        _begun = true;
    }

    private void SetContentType()
    {
        if (!response.HasStarted)
        {
            response.ContentType = _array ? "application/json; charset=UTF-8" : "text/event-stream";
        }
    }

    private async Task FlushAsync() => await response.BodyWriter.FlushAsync(response.HttpContext.RequestAborted);
}
