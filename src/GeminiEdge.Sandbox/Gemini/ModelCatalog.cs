using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The models, as both APIs list them.</summary>
internal sealed class ModelCatalog(GeminiSandboxOptions options)
{
    /// <summary>The model by its name with or without <c>models/</c>, if it can do what is asked.</summary>
    public SandboxModel? Find(string? name, bool? embeds = null)
    {
        var bare = Bare(name);
        return options.Models.FirstOrDefault(model => model.Name == bare && (embeds is null || model.Embeds == embeds));
    }

    public static string Bare(string? name) => name is null ? "" : name.StartsWith("models/", StringComparison.Ordinal) ? name[7..] : name;

    public Task<GeminiError?> ListAsync(SandboxCall call)
    {
        var page = Paging.Of(call.Request, options.Models, 50, 1_000);
        return page.Error is { } error ? Task.FromResult<GeminiError?>(error) : call.AnswerAsync(page.ToJson("models", Describe));
    }

    public Task<GeminiError?> GetAsync(SandboxCall call) => Find(call.Route.Name) is { } model
        ? call.AnswerAsync(Describe(model))
        : Task.FromResult<GeminiError?>(GeminiErrors.UnknownModel(Bare(call.Route.Name), call.Route.Version, null));

    public Task<GeminiError?> ListOpenAiAsync(SandboxCall call) => call.AnswerAsync(new JsonObject
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. options.Models.Select(DescribeOpenAi)]),
    });

    public Task<GeminiError?> GetOpenAiAsync(SandboxCall call) => Find(call.Route.Name) is { } model
        ? call.AnswerAsync(DescribeOpenAi(model))
        : Task.FromResult<GeminiError?>(GeminiErrors.UnknownModel(Bare(call.Route.Name), "v1main", null));

    private static JsonObject Describe(SandboxModel model) => new()
    {
        ["name"] = $"models/{model.Name}",
        ["version"] = model.Version,
        ["displayName"] = $"{model.Name} (sandbox)",
        ["description"] = "A simulated model.",
        ["inputTokenLimit"] = model.Embeds ? 2_048 : 1_048_576,
        ["outputTokenLimit"] = model.Embeds ? 1 : 65_536,
        ["supportedGenerationMethods"] = new JsonArray([.. model.Methods.Select(method => (JsonNode)method)]),
    };

    private static JsonObject DescribeOpenAi(SandboxModel model) => new()
    {
        ["id"] = $"models/{model.Name}",
        ["object"] = "model",
        ["owned_by"] = "google",
        ["display_name"] = $"{model.Name} (sandbox)",
    };
}
