using System.Globalization;
using GeminiEdge.Configuration;
using GeminiEdge.Forwarding;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>Turns attempts that ended without an answer into the error the caller gets.</summary>
internal sealed class FailureWriter(EdgeSettings settings, ErrorWriter errors)
{
    /// <summary>Which key answered, and how many were asked: on every response once an attempt was made.</summary>
    public static void SetAttemptHeaders(HttpContext context, ForwardResult result)
    {
        if (result.LastKey is { } key)
        {
            context.Response.Headers["x-gemini-edge-key-id"] = key.Id;
            context.Response.Headers["x-gemini-edge-attempts"] = result.AttemptCount.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The caller's body was cut short, too slow, or not HTTP.</summary>
    public ValueTask WriteBodyFaultAsync(HttpContext context, int status) => errors.WriteAsync(
        context,
        status == StatusCodes.Status408RequestTimeout ? EdgeError.RequestTimeout : EdgeError.InvalidRequest,
        "The request body could not be read to its end.");

    public ValueTask WriteAsync(HttpContext context, ForwardResult result) => result.Outcome switch
    {
        ForwardOutcome.ClientGone when result.CallerFault is { } status && !context.RequestAborted.IsCancellationRequested =>
            WriteBodyFaultAsync(context, status),
        ForwardOutcome.ClientGone => ValueTask.CompletedTask,
        ForwardOutcome.Unreachable => errors.WriteAsync(context, EdgeError.UpstreamUnreachable,
            "No connection to the upstream could be opened; nothing was sent. Try again.", result.Attempts, TimeSpan.FromSeconds(1)),
        ForwardOutcome.NoKeysConfigured when settings.VaultUri is not null => errors.WriteAsync(context, EdgeError.NoKeysConfigured,
            "The key vault holds no usable key, or can't be read: the log's configuration_warning and vault_unreachable lines say which. It is read again all the time.",
            retryAfter: TimeSpan.FromSeconds(1)),
        ForwardOutcome.NoKeysConfigured => errors.WriteAsync(context, EdgeError.NoKeysConfigured,
            "Set GEMINI_API_KEY_PRIMARY (and GEMINI_API_KEY_SECONDARY) in the environment or the app settings."),
        ForwardOutcome.AllKeysFailed => errors.WriteAsync(context, EdgeError.AllKeysFailed,
            "Every key of the ring failed or is resting; the list of attempts says why." + (result.RetryAfter is null ? " Waiting will not help: an operator has to replace or restore a key." : ""),
            result.Attempts, result.RetryAfter),
        ForwardOutcome.DeadlineExceeded => errors.WriteAsync(context, EdgeError.DeadlineExceeded,
            "The time for this request ran out before every key was tried to the end.", result.Attempts),
        ForwardOutcome.UploadKeyGone => errors.WriteAsync(context, EdgeError.UploadNotFound,
            "The key that began this upload has left the key ring. Start the upload again."),
        _ => errors.WriteAsync(context, EdgeError.OutcomeUnknown,
            "The upstream may have done what was asked before the connection failed. Look before repeating it: repeating may do it twice.", result.Attempts),
    };
}
