using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Telemetry;

/// <summary>
/// Sends each event as one structured record: the isolated worker's way to Application Insights. Its text is the line
/// that the custom handler writes, without time and level: the worker hands the Functions host a record's text and none
/// of its fields, and one query then reads both.
/// </summary>
internal sealed class LoggerSink(ILogger logger) : LogSink
{
    public override LogLine Begin(string name, LogLevel level) => new Record(name, level);

    public override void End(LogLine line)
    {
        var record = (Record)line;
        logger.Log(record.Level, new EventId(0, record.Name), record.Fields, null, static (fields, _) => Text(fields));
    }

    private static string Text(List<KeyValuePair<string, object?>> fields)
    {
        var text = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            foreach (var (name, value) in fields)
            {
                Write(json, name, value);
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case long number:
                json.WriteNumber(name, number);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            default:
                json.WriteString(name, (string?)value);
                break;
        }
    }

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
