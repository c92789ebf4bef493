using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>One authenticated request on its way through the sandbox.</summary>
internal sealed class SandboxCall(HttpContext context, Route route, ReadOnlyMemory<byte> body, SandboxKey? key)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 100 };

    public HttpContext Context => context;

    public HttpRequest Request => context.Request;

    public HttpResponse Response => context.Response;

    public Route Route => route;

    /// <summary>The key; only the bytes of an upload come without one.</summary>
    public SandboxKey Key => key ?? throw new InvalidOperationException("The route was let in without a key.");

    public SandboxKey? OptionalKey => key;

    /// <summary>What the request asks for.</summary>
    public SandboxCallKind Kind => SandboxCallKinds.Of(this);

    /// <summary>The state that the key has for this kind of call alone.</summary>
    public SandboxKeyState? OwnState => Key.HasKinds ? Key.StateOf(Kind) : null;

    /// <summary>What the key does for this call of a model.</summary>
    public SandboxKeyState StateOf(SandboxModel model) => OwnState ?? Key.StateOf(model.Name);

    /// <summary>The body as a JSON object, or the error Google gives for anything else.</summary>
    public GeminiError? ReadJson(out JsonObject json)
    {
        json = [];
        if (body.IsEmpty)
        {
            return null;
        }

        try
        {
            if (JsonNode.Parse(body.Span, documentOptions: Strict) is JsonObject parsed)
            {
                json = parsed;
                return null;
            }

            return GeminiErrors.BadField("Invalid JSON payload received. Unknown name \"\": Root element must be a message.");
        }
        catch (JsonException error)
        {
            return GeminiErrors.InvalidArgument($"Invalid JSON payload received. Unexpected token.\n(line {error.LineNumber + 1}, byte {error.BytePositionInLine})\n^");
        }
    }

    public async Task<GeminiError?> AnswerAsync(JsonNode json)
    {
        Response.ContentType = "application/json; charset=UTF-8";
        Json.Write(Response.BodyWriter, json, pretty: true);
        Response.BodyWriter.Write("\n"u8);
        await Response.BodyWriter.FlushAsync(context.RequestAborted);
        return null;
    }
}
