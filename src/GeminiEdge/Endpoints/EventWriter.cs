using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Endpoints;

/// <summary>Writes the events of one stream of <c>/api/generate</c>. For one writer at a time, and whole events only.</summary>
internal sealed class EventWriter(PipeWriter output) : IDisposable
{
    private readonly Utf8JsonWriter _json = new((IBufferWriter<byte>)output, JsonAnswer.Plain);

    /// <summary>A piece of the text.</summary>
    public void WriteText(string text)
    {
        output.Write("data: "u8);
        _json.WriteStartObject();
        _json.WriteString("text"u8, text);
        _json.WriteEndObject();
        End();
    }

    /// <summary>The last event: the answer is whole.</summary>
    public void WriteDone(GeminiAnswer answer)
    {
        output.Write("event: done\ndata: "u8);
        _json.WriteStartObject();
        answer.WriteEnd(_json);
        _json.WriteEndObject();
        End();
    }

    /// <summary>The last event: the answer is not whole.</summary>
    public void WriteError(Fault fault)
    {
        output.Write("event: error\ndata: "u8);
        ErrorWriter.WriteProblem(_json, fault);
        End();
    }

    /// <summary>A comment, which readers of events pass over: it only shows that the connection is alive.</summary>
    public void WriteSignOfLife() => output.Write(": the model is still at work\n\n"u8);

    public void Dispose() => _json.Dispose();

    private void End()
    {
        _json.Flush();
        _json.Reset();
        output.Write("\n\n"u8);
    }
}
