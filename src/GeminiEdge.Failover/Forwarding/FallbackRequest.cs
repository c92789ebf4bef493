using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>A caller's request for another model than the one it asks for; nothing else of it is changed.</summary>
internal sealed class FallbackRequest : ForwardRequest
{
    private readonly ForwardRequest _first;

    [SetsRequiredMembers]
    private FallbackRequest(ForwardRequest first, string model, string pathAndQuery, RequestBody body)
    {
        _first = first;
        RequestId = first.RequestId;
        Call = first.Call with { Model = model };
        Verb = first.Verb;
        PathAndQuery = pathAndQuery;
        Body = body;
        AnswerLimit = first.AnswerLimit;
        Memory = first.Memory;
    }

    /// <summary>Natively the path names the model, in OpenAI's dialect the body.</summary>
    /// <returns>Null when there is no room for another body, or the model stands nowhere.</returns>
    public static FallbackRequest? Of(ForwardRequest first, string model)
    {
        if (first.Call.OpenAi)
        {
            return CallBody.ModelToken(first.Body.Plain.Span) is { } token && first.Body.TryReplace(token, Encoding.ASCII.GetBytes($"\"{model}\"")) is { } body
                ? new FallbackRequest(first, model, first.PathAndQuery, body)
                : null;
        }

        var named = $"/models/{first.Call.Model}:";
        return first.PathAndQuery.IndexOf(named, StringComparison.Ordinal) is >= 0 and var at
            ? new FallbackRequest(first, model, $"{first.PathAndQuery[..at]}/models/{model}:{first.PathAndQuery[(at + named.Length)..]}", first.Body)
            : null;
    }

    public override string FallbackFrom => _first.Call.Model;

    public override bool IsSdkRetry => _first.IsSdkRetry;

    public override TimeSpan? ServerTimeout => _first.ServerTimeout;

    public override CancellationToken Aborted => _first.Aborted;

    public override bool EdgeStops => _first.EdgeStops;

    public override void CopyHeadersTo(HttpRequestMessage to)
    {
        _first.CopyHeadersTo(to);
        if (Body != _first.Body)
        {
            // It was made of what the caller's body says, not of how it was compressed.
            to.Content!.Headers.ContentEncoding.Clear();
        }
    }
}
