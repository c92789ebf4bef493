using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>Writes a small JSON object as a response that nobody may cache.</summary>
internal static class JsonAnswer
{
    /// <summary>For JSON parsers, never pasted into HTML: no need to escape every letter beyond ASCII.</summary>
    public static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async ValueTask WriteAsync(HttpContext context, int status, Action<Utf8JsonWriter> writeFields)
    {
        var body = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(body, Plain))
        {
            json.WriteStartObject();
            writeFields(json);
            json.WriteEndObject();
        }

        var response = context.Response;
        response.StatusCode = status;
        response.Headers.CacheControl = "no-store";
        await ReadOnly.WriteAsync(context, body.WrittenMemory, "application/json; charset=utf-8");
    }
}
