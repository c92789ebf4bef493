using System.Text.Json;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>What only a request's body tells of its call: an OpenAI request's model, and the resource that a request names.</summary>
internal static class CallBody
{
    public static GeminiCall Read(GeminiCall call, RequestBody body)
    {
        var plain = body.Plain.Span;
        if (plain.IsEmpty)
        {
            // What can't be read may ask for anything: it must not be what a plain chat is refused for.
            return body.Length > 0 && call.Kind == CallKind.Generate ? call with { Kind = CallKind.Grounded } : call;
        }

        if (call.Kind == CallKind.Generate && GroundedBody.IsGrounded(plain))
        {
            call = call with { Kind = CallKind.Grounded };
        }

        if (call.Model.Length == 0 && (call.OpenAi || call.ProjectBound))
        {
            call = call with { Model = ModelIn(plain) };
        }

        if (call is { OpenAi: true, MustAnswer: true })
        {
            call = call with { Streams = AsksForStream(plain) };
        }

        return call.Resource is null && call.Upload == UploadPhase.None && ResourceName.FromBody(plain) is { } resource
            ? call with { Resource = resource, ProjectBound = true }
            : call;
    }

    /// <summary>Where the name of the model stands in a body, its quotes included.</summary>
    public static Range? ModelToken(ReadOnlySpan<byte> body) => Value(body, "model"u8, JsonTokenType.String);

    /// <summary>OpenAI's dialect says it in the body.</summary>
    private static bool AsksForStream(ReadOnlySpan<byte> body) => Value(body, "stream"u8, JsonTokenType.True) is not null;

    /// <summary>Where the value of a property stands, if it is of that kind.</summary>
    private static Range? Value(ReadOnlySpan<byte> body, ReadOnlySpan<byte> property, JsonTokenType kind)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isIt = reader.ValueTextEquals(property);
                reader.Read();
                if (isIt && reader.TokenType == kind)
                {
                    return (int)reader.TokenStartIndex..(int)reader.BytesConsumed;
                }

                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The upstream says what is wrong with it.
        }

        return null;
    }

    private static string ModelIn(ReadOnlySpan<byte> body)
    {
        if (ModelToken(body) is not { } token)
        {
            return "";
        }

        var reader = new Utf8JsonReader(body[token]);
        reader.Read();
        var model = JsonText.IsText(reader.ValueSpan) ? ModelName.WithoutPrefix(reader.GetString()!) : "";
        return model.Length <= 128 ? model : "";
    }
}
