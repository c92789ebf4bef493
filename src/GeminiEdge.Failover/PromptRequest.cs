using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover;

/// <summary>A generateContent of one prompt.</summary>
internal sealed class PromptRequest : ForwardRequest
{
    [SetsRequiredMembers]
    public PromptRequest(string prompt, string model, int answerLimit, CancellationToken aborted)
    {
        RequestId = Guid.NewGuid().ToString("N");
        Call = new GeminiCall { Method = "generateContent", Kind = CallKind.Generate, Model = model, Replayable = true, MustAnswer = true };
        Verb = HttpMethod.Post;
        PathAndQuery = $"/v1beta/models/{model}:generateContent";
        Body = RequestBody.Of(Json(prompt));
        AnswerLimit = answerLimit;
        Aborted = aborted;
    }

    public override CancellationToken Aborted { get; }

    public override void CopyHeadersTo(HttpRequestMessage to) => to.Content?.Headers.TryAddWithoutValidation("Content-Type", "application/json");

    private static byte[] Json(string prompt)
    {
        var body = new ArrayBufferWriter<byte>(prompt.Length + 64);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartArray("contents"u8);
            json.WriteStartObject();
            json.WriteString("role"u8, "user"u8);
            json.WriteStartArray("parts"u8);
            json.WriteStartObject();
            json.WriteString("text"u8, prompt);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }
}
