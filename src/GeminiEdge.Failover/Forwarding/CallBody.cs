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

        return call.Resource is null && call.Upload == UploadPhase.None && ResourceName.FromBody(plain) is { } resource
            ? call with { Resource = resource, ProjectBound = true }
            : call;
    }

    private static string ModelIn(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isModel = reader.ValueTextEquals("model"u8);
                reader.Read();
                if (isModel && reader.TokenType == JsonTokenType.String)
                {
                    var model = ModelName.WithoutPrefix(reader.GetString()!);
                    return model.Length <= 128 ? model : "";
                }

                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The upstream says what is wrong with it.
        }

        return "";
    }
}
