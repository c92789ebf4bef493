using Microsoft.Extensions.Logging;

namespace GeminiEdge.Telemetry;

/// <summary>Sends each event as one structured record: the isolated worker's way to Application Insights.</summary>
internal sealed class LoggerSink(ILogger logger) : LogSink
{
    public override LogLine Begin(string name, LogLevel level) => new Record(name, level);

    public override void End(LogLine line)
    {
        var record = (Record)line;
        logger.Log(record.Level, new EventId(0, record.Name), record.Fields, null, static (fields, _) => Text(fields));
    }

    private static string Text(List<KeyValuePair<string, object?>> fields) =>
        string.Join(' ', fields.Select(field => $"{field.Key}={field.Value}"));

    private sealed class Record : LogLine
    {
        public Record(string name, LogLevel level)
        {
            (Name, Level) = (name, level);
            Add("event", name);
        }

        public string Name { get; }

        public LogLevel Level { get; }

        public List<KeyValuePair<string, object?>> Fields { get; } = new(24);

        public override LogLine Add(string name, string? value) => value is null ? this : Append(name, value);

        public override LogLine Add(string name, long? value) => value is null ? this : Append(name, value.Value);

        public override LogLine Add(string name, bool value) => Append(name, value);

        private Record Append(string name, object value)
        {
            Fields.Add(new KeyValuePair<string, object?>(name, value));
            return this;
        }
    }
}
