using System.Diagnostics.CodeAnalysis;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Interleavings.Forwarding;

/// <summary>One caller's question to a model.</summary>
internal sealed class ChatRequest : ForwardRequest
{
    /// <summary>Of its body, in bytes.</summary>
    public const int Length = 2;

    [SetsRequiredMembers]
    public ChatRequest(string id, MemoryBudget memory, CancellationToken aborted)
    {
        RequestId = id;
        Call = new GeminiCall { Method = "generateContent", Kind = CallKind.Generate, Model = "a-model", Replayable = true, MustAnswer = true };
        Verb = HttpMethod.Post;
        PathAndQuery = "/v1beta/models/a-model:generateContent";
        Body = RequestBody.TryTake("{}"u8.ToArray(), memory)!;
        Aborted = aborted;
    }

    public override CancellationToken Aborted { get; }

    public override void CopyHeadersTo(HttpRequestMessage to)
    {
    }
}
