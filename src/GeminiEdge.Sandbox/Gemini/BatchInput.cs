using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The requests of a batch, inlined or a line each in a file.</summary>
internal static class BatchInput
{
    public static GeminiError? Read(JsonNode? config, FileStore files, SandboxKey key, out IReadOnlyList<JsonObject> requests)
    {
        requests = [];
        if (config.Text("fileName") is { } name)
        {
            if (files.BytesOf(name, key.Project) is not { } bytes)
            {
                return GeminiErrors.FileDenied(name[(name.LastIndexOf('/') + 1)..]);
            }

            if (Parse(bytes.Span) is not { Count: > 0 } lines)
            {
                return GeminiErrors.InvalidArgument($"Failed to parse the input file {name}: each line is a JSON object with a key and a request.");
            }

            requests = lines;
            return null;
        }

        requests = [.. config.Field("requests").Items("requests").OfType<JsonObject>().Select(item => (JsonObject)item.DeepClone())];
        return requests.Count > 0 ? null : GeminiErrors.InvalidArgument("* BatchGenerateContentRequest.batch.input_config: source is not specified\n");
    }

    public static byte[] Lines(IEnumerable<JsonObject> items) => Encoding.UTF8.GetBytes(string.Concat(items.Select(item => $"{item.ToJsonString()}\n")));

    /// <returns>Null where a line is something else.</returns>
    private static List<JsonObject>? Parse(ReadOnlySpan<byte> text)
    {
        var requests = new List<JsonObject>();
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                if (JsonNode.Parse(line) is not JsonObject item || item.Field("request") is not JsonObject)
                {
                    return null;
                }

                requests.Add(item);
            }
            catch (JsonException)
            {
                return null;
            }
        }

        return requests;
    }
}
