using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Status;

/// <summary>An open status page, as far as the edge knows one: it reads the events.</summary>
internal sealed class StatusStream : IDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;
    private readonly List<(string Name, JsonNode Data)> _kept = [];
    private readonly CancellationTokenSource _patience = new(Patience.Limit);

    private StatusStream(HttpResponseMessage response, StreamReader reader) => (_response, _reader) = (response, reader);

    public static async Task<StatusStream> OpenAsync(HttpClient client, string? key = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/admin/status/events");
        if (key is not null)
        {
            request.Headers.Add("x-goog-api-key", key);
        }

        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((200, "text/event-stream"), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        return new StatusStream(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>The next event of this name, as soon as it comes. Those of other names are kept: which come together, the clock decides.</summary>
    public async Task<JsonNode> NextAsync(string name, Func<JsonNode, bool>? where = null)
    {
        while (true)
        {
            var found = _kept.FindIndex(kept => kept.Name == name && (where is null || where(kept.Data)));
            if (found >= 0)
            {
                var data = _kept[found].Data;
                _kept.RemoveAt(found);
                return data;
            }

            var next = (await LineAsync(line => line.StartsWith("event: ", StringComparison.Ordinal)))["event: ".Length..];
            _kept.Add((next, JsonNode.Parse((await _reader.ReadLineAsync(_patience.Token))!["data: ".Length..])!));
        }
    }

    /// <summary>The next line that is as expected.</summary>
    public async Task<string> LineAsync(Func<string, bool> expected)
    {
        while (await _reader.ReadLineAsync(_patience.Token) is { } line)
        {
            if (expected(line))
            {
                return line;
            }
        }

        throw new InvalidOperationException("The stream has ended.");
    }

    /// <summary>What comes until the edge ends it.</summary>
    public Task<string> RestAsync() => _reader.ReadToEndAsync(_patience.Token);

    public void Dispose()
    {
        _reader.Dispose();
        _response.Dispose();
        _patience.Dispose();
    }
}
