using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Telemetry;

/// <summary>Sends each event as one line of JSON.</summary>
internal sealed class JsonLineSink(LinePipe pipe, TimeProvider time) : LogSink
{
    // One line is written at a time on a thread, from Begin to End without an await in between.
    [ThreadStatic]
    private static Line? Reused;

    public override LogLine Begin(string name, LogLevel level)
    {
        var line = Reused ??= new Line();
        line.Start(name, level, time.GetUtcNow());
        return line;
    }

    public override void End(LogLine line) => pipe.Write(((Line)line).Finish());

#pragma warning disable CA1001 // One writer a thread, as long as the thread: nothing to dispose of.
    private sealed class Line : LogLine
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

        public override LogLine Add(string name, string? value)
        {
            if (value is not null)
            {
                _json.WriteString(name, value);
            }

            return this;
        }

        public override LogLine Add(string name, long? value)
        {
            if (value is not null)
            {
                _json.WriteNumber(name, value.Value);
            }

            return this;
        }

        public override LogLine Add(string name, bool value)
        {
            _json.WriteBoolean(name, value);
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
