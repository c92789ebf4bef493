using GeminiEdge.Failover.Keys;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Telemetry;

/// <summary>What the edge itself tells, beside what its floors do. The events' names and fields are a public interface: alerts query them.</summary>
internal static partial class EdgeEvents
{
    /// <summary>A fault of the edge's own, by its type and place; its text may quote a caller.</summary>
    public static void InternalError(this ILogger log, string requestId, Exception exception, KeyMask mask) =>
        InternalError(log, requestId, exception.GetType().FullName, exception.StackTrace is { } trace ? mask.Clean(trace) : null);

    /// <summary>A sentence that says what to change; until then every request is answered 503.</summary>
    [LoggerMessage(EventName = "configuration_invalid", Level = LogLevel.Error, Message = "{message}")]
    public static partial void ConfigurationInvalid(this ILogger log, string message);

    // Not named as the generator names an exception's parameter, which would put its text into the record.
    [LoggerMessage(EventName = "internal_error", Level = LogLevel.Error, Message = "The edge failed at the request {request_id}: {exception} {at}")]
    private static partial void InternalError(ILogger log, string request_id, string? exception, string? at);
}
