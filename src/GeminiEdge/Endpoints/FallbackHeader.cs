using System.Collections.Immutable;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Models;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Endpoints;

/// <summary>The models that a caller names to be asked after the one it asks for; it isn't sent on.</summary>
internal sealed class FallbackHeader(ErrorWriter errors)
{
    /// <summary>Reads the header for a call.</summary>
    /// <returns>The models, or null for those of the settings; not valid when the caller has got an error already.</returns>
    public async ValueTask<(bool IsValid, ImmutableArray<string>? Models)> ReadAsync(HttpContext context, GeminiCall call)
    {
        if (context.Request.Headers[FallbackModels.Header] is not { Count: > 0 } values)
        {
            return (true, null);
        }

        var (models, fault) = FallbackModels.ReadList($"{values}", call.Model);
        if (fault is null)
        {
            return (true, models);
        }

        await errors.WriteAsync(context, FailoverError.InvalidRequest, $"The header {FallbackModels.Header} names {fault}.");
        return (false, null);
    }
}
