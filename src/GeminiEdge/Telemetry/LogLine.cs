namespace GeminiEdge.Telemetry;

/// <summary>One event being written, field by field. A field without a value is left out.</summary>
internal abstract class LogLine
{
    public abstract LogLine Add(string name, string? value);

    public abstract LogLine Add(string name, long? value);

    public abstract LogLine Add(string name, bool value);
}
