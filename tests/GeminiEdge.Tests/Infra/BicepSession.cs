using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Infra;

/// <summary>
/// One compiler that answers all the tests' questions (`bicep jsonrpc`): it takes longer to start and to get warm than to
/// answer them. It ends with its standard input, so with the tests.
/// </summary>
internal sealed class BicepSession
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonObject>> _open = new();
    private readonly Lock _writing = new();
    private readonly Task _reading;
    private int _last;

    public BicepSession(string compiler)
    {
        _process = Process.Start(new ProcessStartInfo(compiler, ["jsonrpc", "--stdio"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary>The answer: its result or its error.</summary>
    public async Task<JsonObject> AskAsync(string method, JsonObject parameters)
    {
        var id = Interlocked.Increment(ref _last);
        var answer = _open[id] = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var request = Encoding.UTF8.GetBytes(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id, ["method"] = method, ["params"] = parameters }.ToJsonString());
        lock (_writing)
        {
            var input = _process.StandardInput.BaseStream;
            input.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {request.Length}\r\n\r\n")));
            input.Write(request);
            input.Flush();
        }

        // Its end is the answer to whatever is open still.
        await Task.WhenAny(answer.Task, _reading).WaitAsync(Longest);
        return answer.Task.IsCompleted ? await answer.Task : throw new InvalidOperationException($"The Bicep compiler ended before it answered {method}.", _reading.Exception);
    }

    private async Task ReadAsync()
    {
        var output = _process.StandardOutput.BaseStream;
        while (await LengthAsync(output) is { } length)
        {
            var body = new byte[length];
            await output.ReadExactlyAsync(body);
            var answer = JsonNode.Parse(body)!.AsObject();
            if (_open.TryRemove((int)answer["id"]!, out var open))
            {
                open.SetResult(answer);
            }
        }
    }

    /// <summary>What the head of a message says of its body; null when no message comes any more.</summary>
    private static async Task<int?> LengthAsync(Stream output)
    {
        var head = new List<byte>();
        var next = new byte[1];
        while (!head.TakeLast(4).SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            if (await output.ReadAsync(next) == 0)
            {
                return null;
            }

            head.Add(next[0]);
        }

        var length = Encoding.ASCII.GetString([.. head]).Split("\r\n").Single(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return int.Parse(length.Split(':')[1], CultureInfo.InvariantCulture);
    }
}
