using System.Collections.Immutable;
using System.Globalization;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Models;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover;

/// <summary>
/// Sends each request with the first Gemini key that works. Give it to any SDK that takes an <see cref="HttpClient"/> or a
/// handler, and any text for the SDK's own key: what it sends as one is replaced. Requests go to
/// <see cref="GeminiFailoverOptions.BaseUrl"/> alone, natively or by the OpenAI dialect below <c>/v1beta/openai/</c>.
/// </summary>
/// <remarks>
/// When every key has failed the response is a 502 in Google's shape whose message names each key and verdict, with
/// Retry-After where waiting helps. Google's refusal of the request itself comes as it is. Bodies up to 20 MiB are kept so
/// that another key can be tried; uploads stream through. An answer that breaks off throws while it is read. Disposing of a handler
/// that was made by a constructor closes its connections; those of <c>AddGeminiFailover</c> share one pool for as long as the app runs.
/// </remarks>
public sealed class GeminiFailoverHandler : HttpMessageHandler
{
    private readonly FailoverCore _core;
    private readonly HandlerAnswer _answers;
    private readonly bool _ownsCore;

    /// <summary>A handler with keys of its own.</summary>
    /// <param name="keys">The first one first, at most nine.</param>
    /// <exception cref="InvalidOperationException">No key, a blank one, or one that can't be a key; the message says what to do.</exception>
    public GeminiFailoverHandler(params IEnumerable<string> keys)
        : this(new GeminiFailoverOptions { Keys = [.. keys] })
    {
    }

    /// <summary>A handler with a source of its own.</summary>
    /// <param name="options">Where the keys come from, and how requests are sent.</param>
    /// <param name="loggers">Hears of each attempt (<c>gemini_ok</c>, <c>gemini_fail</c>, …) and of what happens to the keys; null for nobody.</param>
    /// <exception cref="InvalidOperationException">Not exactly one source of keys, or something in it that can't be used; the message says what to do.</exception>
    public GeminiFailoverHandler(GeminiFailoverOptions options, ILoggerFactory? loggers = null)
        : this(new FailoverCore(options, loggers), ownsCore: true)
    {
    }

    internal GeminiFailoverHandler(FailoverCore core, bool ownsCore) => (_core, _answers, _ownsCore) = (core, new HandlerAnswer(core), ownsCore);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (path, query) = Target(request);
        var requestId = Guid.NewGuid().ToString("N");
        var verb = request.Method;
        if (verb == HttpMethod.Trace || verb == HttpMethod.Connect)
        {
            // TRACE sends back what Google received, the key with it.
            return HandlerAnswer.Error(new(FailoverError.MethodNotAllowed, $"{verb.Method} is not forwarded.", []), requestId);
        }

        var command = request.Headers.NonValidated.TryGetValues("X-Goog-Upload-Command", out var values) ? values.ToString() : "";
        var call = GeminiCallReader.Read(verb.Method, path, query, command);
        var unbuffered = call.Upload == UploadPhase.Continue
            || (call.Upload == UploadPhase.Whole && !(request.Content?.Headers.ContentLength <= _core.Options.BodyLimit));
        var body = RequestBody.Empty;
        if (!unbuffered && request.Content is { } content)
        {
            (body, var error) = await SentBody.ReadAsync(content, _core.Options.BodyLimit, _core.Bodies, cancellationToken);
            if (error != BodyError.None)
            {
                return HandlerAnswer.Error(TooMuch(error), requestId);
            }
        }

        try
        {
            call = CallBody.Read(call, body);
            if (!TryReadFallbacks(request, call, out var fallbacks, out var fault))
            {
                return HandlerAnswer.Error(new(FailoverError.InvalidRequest, fault, []), requestId);
            }

            var forwarded = new HandlerRequest(request, cancellationToken)
            {
                RequestId = requestId,
                Call = call,
                Fallbacks = fallbacks,
                Verb = verb,
                PathAndQuery = path + CredentialQuery.Strip(query),
                Body = body,
                Unbuffered = unbuffered,
                Ticket = call.Upload == UploadPhase.Continue ? UploadTicket.Read(path, query) : null,
            };
            if (unbuffered)
            {
                await forwarded.OpenAsync();
            }

            var result = await _core.Forwarder.SendAsync(forwarded);
            return result.Outcome == ForwardOutcome.ClientGone
                ? throw (result.CallerFault ?? new OperationCanceledException(cancellationToken))
                : await _answers.OfAsync(request, forwarded, result);
        }
        finally
        {
            body.Release();
        }
    }

    /// <summary>For SDKs that wait on their own thread; the work itself is done on others, so that no context can be in the way.</summary>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.Run(() => SendAsync(request, cancellationToken), cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _ownsCore)
        {
            _core.Dispose();
        }

        base.Dispose(disposing);
    }

    private (string Path, string Query) Target(HttpRequestMessage request)
    {
        if (request.RequestUri is not { IsAbsoluteUri: true } uri || !_core.BaseUri.IsBaseOf(uri))
        {
            // A key that went elsewhere would be given away.
            var baseUrl = _core.Options.BaseUrl;
            throw new InvalidOperationException(
                $"GeminiFailoverHandler sends to {baseUrl} alone, and this request is for {(request.RequestUri is { IsAbsoluteUri: true } other ? other.GetLeftPart(UriPartial.Authority) : "no address")}: set the SDK's address to {baseUrl}/ (OpenAI SDKs: {baseUrl}/v1beta/openai/).");
        }

        // Escaped where the SDK did not, and unchanged where it did.
        var rest = uri.PathAndQuery[(_core.BaseUri.AbsolutePath.Length - 1)..];
        if (rest.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new InvalidOperationException("GeminiFailoverHandler was given an address with a space, a line break or a letter beyond ASCII that is not escaped.");
        }

        var question = rest.IndexOf('?', StringComparison.Ordinal);
        return question < 0 ? (rest, "") : (rest[..question], rest[question..]);
    }

    private static bool TryReadFallbacks(HttpRequestMessage request, GeminiCall call, out ImmutableArray<string>? models, out string fault)
    {
        (models, fault) = (null, "");
        if (request.Headers.NonValidated.TryGetValues(FallbackModels.Header, out var values))
        {
            (models, var wrong) = FallbackModels.ReadList(values.ToString(), call.Model);
            fault = wrong is null ? "" : $"The header {FallbackModels.Header} names {wrong}.";
        }

        return fault.Length == 0;
    }

    private Failure TooMuch(BodyError error) => error == BodyError.TooLarge
        ? new(FailoverError.BodyTooLarge, string.Create(CultureInfo.InvariantCulture,
            $"The request body is larger than {_core.Options.BodyLimit} bytes. Upload large files through /upload/v1beta/files instead."), [])
        : new(FailoverError.Overloaded, "The request bodies in memory fill their limit. Try again in a moment.", [], TimeSpan.FromSeconds(1));
}
