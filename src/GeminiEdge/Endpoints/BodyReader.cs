using GeminiEdge.Failover.Forwarding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Endpoints;

/// <summary>Buffers a caller's body, or answers why not.</summary>
internal sealed class BodyReader(ForwardingOptions options, MemoryBudget budget, ErrorWriter errors)
{
    /// <summary>The body as it came, to be sent on.</summary>
    /// <returns>The body, or null when the error has been written.</returns>
    public async ValueTask<RequestBody?> ReadAsync(HttpContext context)
    {
        if (!HasBody(context))
        {
            return RequestBody.Empty;
        }

        var (body, error) = await RequestBody.ReadAsync(context.Request.Body, context.Request.ContentLength, options.BodyLimit, budget, context.RequestAborted);
        return error == BodyError.None && context.Request.Headers.ContentEncoding.Count == 0 ? body : await JudgeAsync(context, body, error);
    }

    /// <summary>What is not every request's: a body that can't be taken, or one that has to be inflated to see what it says.</summary>
    private async ValueTask<RequestBody?> JudgeAsync(HttpContext context, RequestBody body, BodyError error)
    {
        if (await AnswerAsync(context, error))
        {
            return null;
        }

        await InflateAsync(body, context);
        return body;
    }

    private async ValueTask InflateAsync(RequestBody body, HttpContext context)
    {
        try
        {
            await body.InflateAsync(ContentCodings.Parse(context.Request.Headers.ContentEncoding), options.BodyLimit, context.RequestAborted);
        }
        catch
        {
            // The caller left: what its body took of the memory for all goes back.
            body.Release();
            throw;
        }
    }

    /// <summary>What the body says, to be read here.</summary>
    /// <returns>The body, or null when the error has been written.</returns>
    public ValueTask<RequestBody?> ReadInflatedAsync(HttpContext context)
    {
        var headers = context.Request.Headers.ContentEncoding;
        var codings = headers.Count == 0 ? ContentCodings.None : ContentCodings.Parse(headers);
        return codings.IsNone || !HasBody(context) ? ReadAsync(context) : ReadInflatedAsync(context, codings);
    }

    /// <summary>Answers that there is no room.</summary>
    public ValueTask WriteOverloadedAsync(HttpContext context) => errors.WriteAsync(
        context,
        FailoverError.Overloaded,
        "The requests and answers in memory fill GeminiEdge__BufferLimit. Try again in a moment.",
        retryAfter: TimeSpan.FromSeconds(1));

    public static bool HasBody(HttpContext context) => context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: false };

    private async ValueTask<RequestBody?> ReadInflatedAsync(HttpContext context, ContentCodings codings)
    {
        if (codings.Refusal is { } refusal)
        {
            context.Response.Headers.AcceptEncoding = ContentCodings.Known;
            await errors.WriteAsync(context, EndpointErrors.UnsupportedMediaType, refusal);
            return null;
        }

        var request = context.Request;
        var (body, error) = await RequestBody.ReadInflatedAsync(request.Body, request.ContentLength, codings, options.BodyLimit, budget, context.RequestAborted);
        if (error == BodyError.NotInflatable)
        {
            await errors.WriteAsync(context, FailoverError.InvalidRequest,
                $"The request body is not what its Content-Encoding ({string.Join(", ", codings.Applied)}) says, or not all of it is there.");
            return null;
        }

        return await AnswerAsync(context, error) ? null : body;
    }

    private async ValueTask<bool> AnswerAsync(HttpContext context, BodyError error)
    {
        switch (error)
        {
            case BodyError.TooLarge:
                await errors.WriteAsync(context, FailoverError.BodyTooLarge,
                    $"The request body is larger than {options.BodyLimit} bytes{(context.Request.Headers.ContentEncoding.Count > 0 ? " when it is inflated" : "")}, the limit of GeminiEdge__BodyLimit. Upload large files through /upload/v1beta/files instead.");
                return true;
            case BodyError.Overloaded:
                await WriteOverloadedAsync(context);
                return true;
            default:
                return false;
        }
    }
}
