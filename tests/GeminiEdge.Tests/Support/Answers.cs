using System.Text;
using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Support;

/// <summary>Reading answers piece by piece, and to an end that may be no clean one.</summary>
internal static class Answers
{
    /// <summary>Reads until the text that must arrive next is there, and fails when it is another.</summary>
    public static async Task ExpectAsync(this Stream answer, string text)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        await answer.ReadExactlyAsync(bytes, patience.Token);
        Assert.Equal(text, Encoding.UTF8.GetString(bytes));
    }

    /// <summary>Everything that arrives, and whether it ended as a whole answer ends.</summary>
    public static async Task<(byte[] Bytes, bool IsWhole)> ReadAllAsync(this HttpResponseMessage response)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        var bytes = new MemoryStream();
        try
        {
            await (await response.Content.ReadAsStreamAsync(patience.Token)).CopyToAsync(bytes, patience.Token);
            return (bytes.ToArray(), true);
        }
        catch (IOException)
        {
            return (bytes.ToArray(), false);
        }
    }

    /// <summary>The events of a stream of <c>/api/generate</c>: name and data. Comments are none.</summary>
    public static async Task<IReadOnlyList<(string? Name, JsonObject Data)>> ReadEventsAsync(this HttpResponseMessage response)
    {
        var text = Encoding.UTF8.GetString((await response.ReadAllAsync()).Bytes);
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        return [.. text[..^2].Split("\n\n").Where(block => block[0] != ':').Select(Event)];
    }

    public static string Text(this IEnumerable<(string? Name, JsonObject Data)> events) =>
        string.Concat(events.Where(e => e.Name is null).Select(e => e.Data["text"]!.GetValue<string>()));

    public static string Header(this HttpResponseMessage response, string name) => response.Headers.GetValues(name).Single();

    private static (string? Name, JsonObject Data) Event(string text)
    {
        var lines = text.Split('\n');
        var name = lines.Length == 2 ? lines[0]["event: ".Length..] : null;
        return (name, JsonNode.Parse(lines[^1]["data: ".Length..])!.AsObject());
    }
}
