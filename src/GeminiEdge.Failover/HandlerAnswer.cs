using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Models;

namespace GeminiEdge.Failover;

/// <summary>Makes the response that an SDK gets of what came of its request.</summary>
internal sealed class HandlerAnswer(FailoverCore core)
{
    private const int LargestError = 1 << 20;

    /// <summary>The upstream's answer, or in its place the error of the failover in Google's shape.</summary>
    public async ValueTask<HttpResponseMessage> OfAsync(HttpRequestMessage request, ForwardRequest forwarded, ForwardResult result)
    {
        var response = result.Attempt is null ? Error(Failure.Of(result, core.HasVault, core.Options.ExhaustedStatus), forwarded.RequestId)
            : result.Outcome == ForwardOutcome.Answered ? Success(result.Attempt, forwarded)
            : await RefusalAsync(result.Attempt, forwarded);
        response.RequestMessage = request;
        if (result.LastKey is { } key)
        {
            response.Headers.TryAddWithoutValidation("x-gemini-edge-key-id", key.Id);
            response.Headers.TryAddWithoutValidation("x-gemini-edge-attempts", result.AttemptCount.ToString(CultureInfo.InvariantCulture));
        }

        if (result.AnsweredBy is { } model && ModelName.IsValid(model))
        {
            response.Headers.TryAddWithoutValidation(HeaderRules.ModelHeader, model);
        }

        if (result.ModelVersion is { } version)
        {
            response.Headers.TryAddWithoutValidation(HeaderRules.ModelVersionHeader, core.Mask.Clean(version));
        }

        return response;
    }

    /// <summary>An error of the failover's own.</summary>
    public static HttpResponseMessage Error(Failure failure, string requestId)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
        {
            ErrorJson.WriteGoogleError(json, failure.Error, failure.Detail, requestId, failure.Attempts, failure.RetryAfterSeconds);
        }

        var response = new HttpResponseMessage((HttpStatusCode)failure.Error.Status) { Content = new ReadOnlyMemoryContent(body.WrittenMemory) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "UTF-8");
        if (failure.RetryAfterSeconds is { } seconds)
        {
            response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(seconds));
        }

        return response;
    }

    private HttpResponseMessage Success(Attempt attempt, ForwardRequest forwarded)
    {
        var response = Copy(attempt.Response!, new StreamContent(new AnswerStream(core, attempt, forwarded)));
        foreach (var name in UploadAddress.Headers)
        {
            // Whoever sends the rest of the upload names the key that began it.
            if (UploadAddress.Of(name, attempt, forwarded, core.Options.BaseUrl, core.Time) is { } target)
            {
                response.Headers.TryAddWithoutValidation(name, core.Options.BaseUrl + target);
            }
        }

        return response;
    }

    /// <summary>Google's refusal, with key material masked at equal length.</summary>
    private async ValueTask<HttpResponseMessage> RefusalAsync(Attempt attempt, ForwardRequest forwarded)
    {
        using (attempt)
        {
            if (!attempt.CanBeSearched)
            {
                return Error(
                    new Failure(FailoverError.UpstreamRejected((int)attempt.Response!.StatusCode),
                        "Google's error is compressed or in a rare character set, although neither was asked for: it can't be searched for keys, and is not passed on.", []),
                    forwarded.RequestId);
            }

            while (!attempt.ReadToEnd)
            {
                var count = await attempt.ReadAsync(attempt.Scanner.GetMemory(), core.Options.IdleTimeout);
                if (count < 0 || attempt.Scanner.Bytes.Length > LargestError)
                {
                    return Error(
                        new Failure(FailoverError.UpstreamRejected((int)attempt.Response!.StatusCode),
                            count < 0 ? "Google's error broke off before its end." : "Google's error is too large to be searched for keys, and is not passed on.", []),
                        forwarded.RequestId);
                }

                attempt.Scanner.Advance(count);
            }

            var body = attempt.Scanner.Bytes.ToArray();
            core.Mask.Clean(body.AsSpan());
            return Copy(attempt.Response!, new ByteArrayContent(body));
        }
    }

    // Of an answer's head no part is the model's: keys are masked in it, whatever the answer is.
    private HttpResponseMessage Copy(HttpResponseMessage from, HttpContent content)
    {
        var response = new HttpResponseMessage(from.StatusCode)
        {
            Content = content,
            ReasonPhrase = from.ReasonPhrase is null ? null : core.Mask.Clean(from.ReasonPhrase),
            Version = from.Version,
        };
        Copy(from.Headers.NonValidated, response.Headers);
        Copy(from.Content.Headers.NonValidated, response.Content.Headers);
        return response;
    }

    private void Copy(HttpHeadersNonValidated from, HttpHeaders to)
    {
        foreach (var (name, values) in from)
        {
            if (HeaderRules.PassBack(name))
            {
                to.TryAddWithoutValidation(name, values.Select(core.Mask.Clean));
            }
        }
    }
}
