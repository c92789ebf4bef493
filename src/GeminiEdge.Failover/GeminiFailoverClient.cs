using System.Net;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Models;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover;

/// <summary>Asks Gemini for a text with the first key that works. Thread-safe; one for the whole app.</summary>
public sealed class GeminiFailoverClient : IDisposable
{
    private const int LargestAnswer = 64 << 20;
    private readonly FailoverCore _core;
    private readonly bool _ownsCore;

    /// <summary>A client with keys of its own.</summary>
    /// <param name="keys">The first one first, at most nine.</param>
    /// <exception cref="InvalidOperationException">No key, a blank one, or one that can't be a key; the message says what to do.</exception>
    public GeminiFailoverClient(params IEnumerable<string> keys)
        : this(new GeminiFailoverOptions { Keys = [.. keys] })
    {
    }

    /// <summary>A client with a source of its own.</summary>
    /// <param name="options">Where the keys come from, and how requests are sent.</param>
    /// <param name="loggers">Hears of each attempt (<c>gemini_ok</c>, <c>gemini_fail</c>, …) and of what happens to the keys; null for nobody.</param>
    /// <exception cref="InvalidOperationException">Not exactly one source of keys, or something in it that can't be used; the message says what to do.</exception>
    public GeminiFailoverClient(GeminiFailoverOptions options, ILoggerFactory? loggers = null)
        : this(new FailoverCore(options, loggers), ownsCore: true)
    {
    }

    internal GeminiFailoverClient(FailoverCore core, bool ownsCore) => (_core, _ownsCore) = (core, ownsCore);

    /// <summary>Sends a prompt and waits for the whole answer; its first byte may take <see cref="GeminiFailoverOptions.Deadline"/>.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="model">The model, with or without <c>models/</c>; null for <see cref="GeminiFailoverOptions.Model"/>.</param>
    /// <param name="cancellationToken">Ends the attempt under way.</param>
    /// <exception cref="AllKeysFailedException">Every key has failed; it lists them.</exception>
    /// <exception cref="HttpRequestException">Google refused the request itself (<see cref="HttpRequestException.StatusCode"/> says how), or nothing answered in time.</exception>
    /// <exception cref="ArgumentException">The prompt is empty, or the model is no name of a model.</exception>
    public async Task<GeneratedText> GenerateAsync(string prompt, string? model = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(prompt);
        model ??= _core.Options.DefaultModel;
        if (!ModelName.IsValid(model))
        {
            throw new ArgumentException("This is no name of a model: letters, digits, dots, dashes and underscores, at most 128 of them.", nameof(model));
        }

        var request = new PromptRequest(prompt, ModelName.WithoutPrefix(model), LargestAnswer, cancellationToken);
        var result = await _core.Forwarder.SendAsync(request);
        if (result.Outcome == ForwardOutcome.ClientGone)
        {
            throw new OperationCanceledException(cancellationToken);
        }

        if (result.Attempt is null)
        {
            throw Thrown(Failure.Of(result, _core.HasVault, _core.Options.ExhaustedStatus));
        }

        using var attempt = result.Attempt;
        if (result.Outcome == ForwardOutcome.ReturnedAsIs)
        {
            var (status, error) = (attempt.Failure!.Status, attempt.Failure.Error);
            throw new HttpRequestException(
                _core.Mask.Clean(error.Message.Length > 0 ? error.Message : $"Google answered {status} and gave no reason."), null, (HttpStatusCode)status);
        }

        _core.Forwarder.Finish(attempt, request);
        var answer = GeminiAnswer.Read(attempt.FirstPiece) ?? new GeminiAnswer();
        return new GeneratedText(answer.Text, answer.Model, answer.FinishReason, answer.BlockReason, answer.PromptTokens, answer.OutputTokens, attempt.Key.Id);
    }

    /// <summary>Closes the connections of a client that was made by a constructor.</summary>
    public void Dispose()
    {
        if (_ownsCore)
        {
            _core.Dispose();
        }
    }

    private static Exception Thrown(Failure failure) => failure.Error.Code == FailoverError.AllKeysFailed.Code
        ? new AllKeysFailedException(failure.Detail, [.. failure.Attempts.Select(KeyAttempt.Of)], failure.RetryAfter)
        : new HttpRequestException(failure.Detail, null, (HttpStatusCode)failure.Error.Status);
}
