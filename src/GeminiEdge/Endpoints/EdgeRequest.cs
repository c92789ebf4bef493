using GeminiEdge.Failover.Forwarding;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>A request that came over HTTP.</summary>
internal sealed class EdgeRequest : ForwardRequest
{
    public required HttpContext Context { get; init; }

    /// <summary>The edge made the body itself: headers that describe the caller's are no headers of it.</summary>
    public bool IsOwn { get; init; }

    public override CancellationToken Aborted => Context.RequestAborted;

    public override (Stream Bytes, long? Length) OpenBody() => (Context.Request.Body, Context.Request.ContentLength);

    public override void CopyHeadersTo(HttpRequestMessage to)
    {
        var from = Context.Request.Headers;
        if (IsOwn)
        {
            // A field mask or a range of the caller's would take pieces out of the answer.
            to.Headers.TryAddWithoutValidation("User-Agent", (IEnumerable<string>)from.UserAgent!);
            to.Content?.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            return;
        }

        foreach (var (name, value) in from)
        {
            if (HeaderRules.Pass(name))
            {
                _ = value is [{ } single]
                    ? to.Headers.TryAddWithoutValidation(name, single)
                    : to.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)value!);
            }
        }

        if (to.Content is not null && from.ContentType is [{ } contentType])
        {
            to.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }

        if (to.Content is not null && from.ContentEncoding is { Count: > 0 } codings)
        {
            to.Content.Headers.TryAddWithoutValidation("Content-Encoding", (IEnumerable<string>)codings!);
        }
    }
}
