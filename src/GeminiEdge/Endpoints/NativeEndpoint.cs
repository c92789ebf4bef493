using GeminiEdge.Access;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Endpoints;

/// <summary>The native Gemini API and its OpenAI dialect: bytes unchanged both ways.</summary>
internal sealed class NativeEndpoint(
    ForwardingOptions options, UploadUrls uploads, Forwarder forwarder, BodyReader bodies, AnswerCopier copier, FallbackHeader fallbacks, FailureWriter failures, ErrorWriter errors,
    KeyMask mask, Shutdown shutdown)
{
    public async ValueTask HandleAsync(HttpContext context)
    {
        // Any other upgrade, as to HTTP/2, is an offer that a server is free to pass over.
        if (context.Request.Headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase))
        {
            await errors.WriteAsync(context, EndpointErrors.LiveNotSupported, "The edge forwards HTTP requests; the Live API's WebSocket is not supported.");
            return;
        }

        // TRACE sends back what the upstream received, the key with it; CONNECT asks for a tunnel.
        if (HttpMethods.IsTrace(context.Request.Method) || HttpMethods.IsConnect(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
            await errors.WriteAsync(context, FailoverError.MethodNotAllowed, "The edge doesn't forward this method.");
            return;
        }

        var (path, query) = RawTarget.Split(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var call = GeminiCallReader.Read(context.Request.Method, path, query, context.Request.Headers["X-Goog-Upload-Command"].ToString());
        var unbuffered = call.Upload == UploadPhase.Continue
            || (call.Upload == UploadPhase.Whole && !(context.Request.ContentLength <= options.BodyLimit));
        var body = RequestBody.Empty;
        if (!unbuffered)
        {
            if (await bodies.ReadAsync(context) is not { } buffered)
            {
                return;
            }

            body = buffered;
        }

        try
        {
            call = CallBody.Read(call, body);
            if (await fallbacks.ReadAsync(context, call) is not (true, var models))
            {
                return;
            }

            await ForwardAsync(context, new EdgeRequest
            {
                Context = context,
                Shutdown = shutdown,
                RequestId = RequestId.Of(context),
                Call = call,
                Fallbacks = models,
                Verb = HttpMethod.Parse(context.Request.Method),
                PathAndQuery = path + CredentialQuery.Strip(query),
                Body = body,
                Unbuffered = unbuffered,
                Ticket = call.Upload == UploadPhase.Continue ? UploadTicket.Read(path, query) : null,
            });
        }
        finally
        {
            body.Release();
        }
    }

    private async ValueTask ForwardAsync(HttpContext context, EdgeRequest request)
    {
        var result = await forwarder.SendAsync(request);
        failures.SetAttemptHeaders(context, result);
        if (result.Attempt is null)
        {
            await failures.WriteAsync(context, result);
            return;
        }

        using var attempt = result.Attempt;
        context.Response.StatusCode = (int)attempt.Response!.StatusCode;
        if (result.Outcome == ForwardOutcome.Answered)
        {
            AnswerHeaders.Copy(attempt.Response, context.Response.Headers, mask);
            uploads.Set(context, attempt, request);
            try
            {
                await copier.CopyAsync(attempt, context);
            }
            finally
            {
                forwarder.Finish(attempt);
            }
        }
        else if (!attempt.CanBeSearched)
        {
            await errors.WriteAsync(context, FailoverError.UpstreamRejected(context.Response.StatusCode),
                "The upstream's error is compressed or in a rare character set, although neither was asked for: it can't be searched for keys, and is not passed on.");
        }
        else
        {
            AnswerHeaders.Copy(attempt.Response, context.Response.Headers, mask);
            await copier.CopyMaskedAsync(attempt, context);
        }
    }
}
