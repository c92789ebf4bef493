using System.Globalization;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>Turns attempts that ended without an answer into the error the caller gets.</summary>
internal sealed class FailureWriter(KeyOptions keys, ForwardingOptions options, ErrorWriter errors, KeyMask mask)
{
    /// <summary>Which key answered, and how many were asked, on every response once an attempt was made; and which model, where there was a choice or an answer says so.</summary>
    public void SetAttemptHeaders(HttpContext context, ForwardResult result)
    {
        if (result.LastKey is { } key)
        {
            context.Response.Headers["x-gemini-edge-key-id"] = key.Id;
            context.Response.Headers["x-gemini-edge-attempts"] = result.AttemptCount.ToString(CultureInfo.InvariantCulture);
        }

        if (result.AnsweredBy is { } model && ModelName.IsValid(model))
        {
            context.Response.Headers[HeaderRules.ModelHeader] = model;
        }

        if (result.ModelVersion is { } version)
        {
            context.Response.Headers[HeaderRules.ModelVersionHeader] = mask.Clean(version);
        }
    }

    public ValueTask WriteAsync(HttpContext context, ForwardResult result)
    {
        if (result.Outcome != ForwardOutcome.ClientGone)
        {
            var failure = Failure.Of(result, keys.VaultUri is not null, options.ExhaustedStatus);
            return errors.WriteAsync(context, failure.Error, failure.Detail, failure.Attempts, failure.RetryAfter);
        }

        if (result.CallerFault is { } fault and not ConnectionResetException && !context.RequestAborted.IsCancellationRequested)
        {
            return errors.WriteBodyFaultAsync(context, fault);
        }

        // There is nobody to tell, and no rest of a body to wait for.
        context.Abort();
        return ValueTask.CompletedTask;
    }
}
