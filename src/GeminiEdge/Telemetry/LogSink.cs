using Microsoft.Extensions.Logging;

namespace GeminiEdge.Telemetry;

/// <summary>Where events go: lines of JSON on stdout.</summary>
internal abstract class LogSink
{
    /// <summary>Begins an event; <see cref="End"/> sends it.</summary>
    public abstract LogLine Begin(string name, LogLevel level);

    public abstract void End(LogLine line);
}
