using System.Diagnostics.CodeAnalysis;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>The tiny generateContent that proves a key. A list of models would prove nothing.</summary>
internal sealed class ProbeRequest : ForwardRequest
{
    private static readonly byte[] Prompt = """{"contents":[{"role":"user","parts":[{"text":"ping"}]}],"generationConfig":{"maxOutputTokens":64}}"""u8.ToArray();

    [SetsRequiredMembers]
    public ProbeRequest(string model, string requestId, CancellationToken aborted)
    {
        RequestId = requestId;
        Call = new GeminiCall { Method = "generateContent", Kind = CallKind.Generate, Model = model, Replayable = true, MustAnswer = true };
        Verb = HttpMethod.Post;
        PathAndQuery = $"/v1beta/models/{model}:generateContent";
        Body = RequestBody.Of(Prompt);
        Aborted = aborted;
    }

    public override CancellationToken Aborted { get; }

    public override void CopyHeadersTo(HttpRequestMessage to) => to.Content?.Headers.TryAddWithoutValidation("Content-Type", "application/json");
}
