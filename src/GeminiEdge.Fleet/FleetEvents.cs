using Microsoft.Extensions.Logging;

namespace GeminiEdge.Fleet;

/// <summary>What the register tells. The events' names and fields are a public interface: alerts query them.</summary>
internal static partial class FleetEvents
{
    /// <summary>The register can't be written; requests don't notice. Once, however long it lasts.</summary>
    public static void FleetUnreachable(this ILogger log, FleetTrouble trouble) => FleetUnreachable(log, trouble.Reason, trouble.Status, trouble.Sentence);

    /// <summary>It is written again.</summary>
    [LoggerMessage(EventName = "fleet_reachable", Level = LogLevel.Information, Message = "The fleet register is written again.")]
    public static partial void FleetReachable(this ILogger log);

    [LoggerMessage(EventName = "fleet_unreachable", Level = LogLevel.Warning, Message = "The fleet register can't be written ({reason}, {status}): {message}")]
    private static partial void FleetUnreachable(ILogger log, string reason, int? status, string message);
}
