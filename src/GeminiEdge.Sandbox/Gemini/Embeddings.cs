using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary><c>embedContent</c>, <c>batchEmbedContents</c> and OpenAI's <c>embeddings</c>: unit vectors that depend on the text alone.</summary>
internal sealed class Embeddings(ModelCatalog models)
{
    private const int DefaultDimensions = 3_072;

    public async Task<GeminiError?> EmbedAsync(SandboxCall call)
    {
        var error = Prepare(call, call.Route.Name, out var request, out _) ?? FieldCheck.Check(request, GeminiMessages.Embed);
        return error ?? Missing(request) ?? await call.AnswerAsync(new JsonObject { ["embedding"] = Embedding(request) });
    }

    public async Task<GeminiError?> EmbedBatchAsync(SandboxCall call)
    {
        if ((Prepare(call, call.Route.Name, out var batch, out _) ?? FieldCheck.Check(batch, GeminiMessages.EmbedBatch)) is { } error)
        {
            return error;
        }

        var requests = batch.Items("requests").ToArray();
        return requests.Select(Missing).FirstOrDefault(missing => missing is not null)
            ?? await call.AnswerAsync(new JsonObject { ["embeddings"] = new JsonArray([.. requests.Select(Embedding)]) });
    }

    public async Task<GeminiError?> EmbedOpenAiAsync(SandboxCall call)
    {
        if (call.ReadJson(out var request) is { } malformed)
        {
            return malformed;
        }

        if (Prepare(call, request.Text("model"), out _, out var model) is { } error)
        {
            return error;
        }

        var base64 = request.Text("encoding_format") == "base64";
        var data = request.Items("input").Select((input, index) => (JsonNode)new JsonObject
        {
            ["object"] = "embedding",
            ["index"] = index,
            ["embedding"] = Encode(Vector(input.AsText() ?? "", request.Number("dimensions")), base64),
        }).ToArray();
        var tokens = TokenCount.OfJson(request.Field("input"));
        return await call.AnswerAsync(new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray(data),
            ["model"] = model.Name,
            ["usage"] = new JsonObject { ["prompt_tokens"] = tokens, ["total_tokens"] = tokens },
        });
    }

    private GeminiError? Prepare(SandboxCall call, string? name, out JsonObject request, out SandboxModel model)
    {
        model = models.Find(name, embeds: true)!;
        return call.ReadJson(out request)
            ?? (model is null
                ? GeminiErrors.UnknownModel(ModelCatalog.Bare(name), call.Route.Version, call.Route.Verb ?? "embedContent")
                : KeyStateErrors.OfModel(call, model));
    }

    private static GeminiError? Missing(JsonNode? request) => request.Field("content").Items("parts").Any()
        ? null
        : GeminiErrors.InvalidArgument("* EmbedContentRequest.content: contents is not specified\n");

    private static JsonObject Embedding(JsonNode? request)
    {
        var text = string.Concat(request.Field("content").Items("parts").Select(part => part.Text("text")));
        return new() { ["values"] = Encode(Vector(text, request.Number("outputDimensionality")), base64: false) };
    }

    private static JsonNode Encode(float[] vector, bool base64)
    {
        if (!base64)
        {
            return new JsonArray([.. vector.Select(value => (JsonNode)value)]);
        }

        var bytes = new byte[vector.Length * sizeof(float)];
        for (var i = 0; i < vector.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        }

        return Convert.ToBase64String(bytes);
    }

    private static float[] Vector(string text, int? dimensions)
    {
        var vector = new float[Math.Clamp(dimensions ?? DefaultDimensions, 1, DefaultDimensions)];
        var seed = BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text))) | 1;
        double square = 0;
        for (var i = 0; i < vector.Length; i++)
        {
            seed ^= seed << 13;
            seed ^= seed >> 17;
            seed ^= seed << 5;
            vector[i] = ((float)seed / uint.MaxValue) - 0.5f;
            square += vector[i] * vector[i];
        }

        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = (float)(vector[i] / Math.Sqrt(square));
        }

        return vector;
    }
}
