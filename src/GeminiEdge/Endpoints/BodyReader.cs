using GeminiEdge.Failover.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Endpoints;

/// <summary>Buffers a caller's body, or answers why not.</summary>
internal sealed class BodyReader(ForwardingOptions options, BodyBudget budget, ErrorWriter errors)
{
    /// <returns>The body, or null when the error has been written.</returns>
    public async ValueTask<RequestBody?> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false })
        {
            return RequestBody.Empty;
        }

        var request = context.Request;
        var (body, error) = await RequestBody.ReadAsync(request.Body, request.ContentLength, options.BodyLimit, budget, context.RequestAborted);
        return await AnswerAsync(context, error) ? null : body;
    }

    /// <summary>Counts a body that the edge made itself.</summary>
    /// <returns>The body, or null when the error has been written.</returns>
    public async ValueTask<RequestBody?> TakeAsync(HttpContext context, byte[] bytes)
    {
        var body = RequestBody.TryTake(bytes, budget);
        return await AnswerAsync(context, body is null ? BodyError.Overloaded : BodyError.None) ? null : body;
    }

    private async ValueTask<bool> AnswerAsync(HttpContext context, BodyError error)
    {
        switch (error)
        {
            case BodyError.TooLarge:
                await errors.WriteAsync(context, FailoverError.BodyTooLarge,
                    $"The request body is larger than {options.BodyLimit} bytes, the limit of GeminiEdge__BodyLimit. Upload large files through /upload/v1beta/files instead.");
                return true;
            case BodyError.Overloaded:
                await errors.WriteAsync(context, FailoverError.Overloaded,
                    "The request bodies in memory fill GeminiEdge__BufferLimit. Try again in a moment.", retryAfter: TimeSpan.FromSeconds(1));
                return true;
            default:
                return false;
        }
    }
}
