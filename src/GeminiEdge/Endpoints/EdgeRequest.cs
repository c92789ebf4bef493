using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Overload;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Endpoints;

/// <summary>A request that came over HTTP.</summary>
internal sealed class EdgeRequest : ForwardRequest
{
    public required HttpContext Context { get; init; }

    /// <summary>The edge made the body itself: headers that describe the caller's are no headers of it.</summary>
    public bool IsOwn { get; init; }

    public required Shutdown Shutdown { get; init; }

    public override bool EdgeStops => Shutdown.GraceIsOver;

    public override CancellationToken Aborted => Context.RequestAborted;

    public override TimeSpan? ServerTimeout => Seconds(Context.Request.Headers["x-server-timeout"]);

    public override bool IsSdkRetry => SdkRetry.IsMarked(Context.Request.Headers[SdkRetry.CountHeader], Context.Request.Headers[SdkRetry.ClientHeader]);

    public override (Stream Bytes, long? Length) OpenBody() => (
        Context.Request.Body,
        Context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false } ? 0 : Context.Request.ContentLength);

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

        foreach (var name in HeaderRules.OfContent(Call))
        {
            if (to.Content is not null && from[name] is { Count: > 0 } values)
            {
                _ = values is [{ } single]
                    ? to.Content.Headers.TryAddWithoutValidation(name, single)
                    : to.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!);
            }
        }
    }
}
