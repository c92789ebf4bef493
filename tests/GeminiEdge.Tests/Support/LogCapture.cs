using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Support;

/// <summary>Stands in for stdout: keeps each line, and lets a test wait for one.</summary>
internal sealed class LogCapture : Stream
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly StringBuilder _unfinished = new();
    private TaskCompletionSource _next = NewNext();

    public IReadOnlyList<string> Lines => [.. _lines];

    public IReadOnlyList<JsonObject> Events => [.. _lines.Select(Parse)];

    /// <summary>The attempts' lines so far.</summary>
    public IReadOnlyList<JsonObject> Attempts => [.. Events.Where(e => IsAttempt(Name(e)))];

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public static string Name(JsonObject line) => line["event"]!.GetValue<string>();

    /// <summary>The first event of this name, waiting for it if need be: a line is written after the answer it is about.</summary>
    public async Task<JsonObject> WaitForAsync(string name, Func<JsonObject, bool>? where = null) =>
        (await WaitForAsync(name, 1, where))[0];

    /// <summary>The first events of this name, in order.</summary>
    public async Task<IReadOnlyList<JsonObject>> WaitForAsync(string name, int count, Func<JsonObject, bool>? where = null)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        var (found, seen) = (new List<JsonObject>(), 0);
        while (true)
        {
            // Asked for before the lines are read: what arrives meanwhile is not missed.
            var next = Volatile.Read(ref _next).Task;
            foreach (var line in _lines.Skip(seen))
            {
                seen++;
                if (Parse(line) is var e && (name == "attempt" ? IsAttempt(Name(e)) : Name(e) == name) && (where is null || where(e)))
                {
                    found.Add(e);
                }
            }

            if (found.Count >= count)
            {
                return found;
            }

            try
            {
                await next.WaitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Waited for {count} × {name}; the log holds:\n{string.Join('\n', _lines)}");
            }
        }
    }

    public void WriteLine(string line) => Write(Encoding.UTF8.GetBytes(line + "\n"));

    public override void Write(byte[] buffer, int offset, int count)
    {
        lock (_unfinished)
        {
            _unfinished.Append(Encoding.UTF8.GetString(buffer, offset, count));
            var text = _unfinished.ToString();
            var end = text.LastIndexOf('\n');
            foreach (var line in text[..(end + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                _lines.Enqueue(line);
            }

            _unfinished.Clear().Append(text[(end + 1)..]);
        }

        Interlocked.Exchange(ref _next, NewNext()).TrySetResult();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private static JsonObject Parse(string line) => JsonNode.Parse(line)!.AsObject();

    private static TaskCompletionSource NewNext() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool IsAttempt(string name) => name is "gemini_ok" or "gemini_fail" or "gemini_reject" or "gemini_cancel";
}
