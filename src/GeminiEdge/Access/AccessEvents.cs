using Microsoft.Extensions.Logging;

namespace GeminiEdge.Access;

/// <summary>What the door tells. The event's name and fields are a public interface: alerts query them.</summary>
internal static partial class AccessEvents
{
    /// <summary>Answered 401. What was presented is never told, nor the path: people put keys there.</summary>
    [LoggerMessage(EventName = "client_refused", Level = LogLevel.Warning, Message = "{count} requests were refused with 401, because no valid key came with them ({area}).")]
    public static partial void ClientRefused(this ILogger log, long count, string area);

    /// <summary>Closed before a request was read.</summary>
    [LoggerMessage(EventName = "connections_refused", Level = LogLevel.Warning, Message = "{count} connections were closed at once: {most} are open, as many as the process has files for (ulimit -n, LimitNOFILE).")]
    public static partial void ConnectionsRefused(this ILogger log, long count, int most);
}
