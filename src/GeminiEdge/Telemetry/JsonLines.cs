using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Telemetry;

/// <summary>Sends each event as one line of JSON. A field without a value is left out.</summary>
internal sealed class JsonLines(LineOutput output, TimeProvider time)
{
    // One line is written at a time on a thread, from Begin to End without an await in between.
    [ThreadStatic]
    private static Line? Reused;

    /// <summary>Begins an event; <see cref="End"/> sends it.</summary>
    public Line Begin(string name, LogLevel level)
    {
        var line = Reused ??= new Line();
        line.Start(name, level, time.GetUtcNow());
        return line;
    }

    public void End(Line line) => output(line.Finish());

#pragma warning disable CA1001 // One writer a thread, as long as the thread: nothing to dispose of.
    /// <summary>One event being written, field by field.</summary>
    internal sealed class Line
#pragma warning restore CA1001
    {
        private readonly ArrayBufferWriter<byte> _buffer = new(1024);
        private readonly Utf8JsonWriter _json;

        public Line() => _json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });

        public void Start(string name, LogLevel level, DateTimeOffset now)
        {
            _buffer.ResetWrittenCount();
            _json.Reset();
            _json.WriteStartObject();
            _json.WriteString("time"u8, now.UtcDateTime);
            _json.WriteString("level"u8, level switch
            {
                LogLevel.Error or LogLevel.Critical => "error"u8,
                LogLevel.Warning => "warning"u8,
                _ => "info"u8,
            });
            _json.WriteString("event"u8, name);
        }

        public Line Add(string name, string? value)
        {
            if (value is not null)
            {
                _json.WriteString(name, value);
            }

            return this;
        }

        public Line Add(string name, long? value)
        {
            if (value is not null)
            {
                _json.WriteNumber(name, value.Value);
            }

            return this;
        }

        public Line Add(string name, bool? value)
        {
            if (value is not null)
            {
                _json.WriteBoolean(name, value.Value);
            }

            return this;
        }

        public ReadOnlySpan<byte> Finish()
        {
            _json.WriteEndObject();
            _json.Flush();
            _buffer.Write("\n"u8);
            return _buffer.WrittenSpan;
        }
    }
}
