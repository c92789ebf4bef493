using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary><c>generateContent</c>, <c>streamGenerateContent</c> and <c>countTokens</c>.</summary>
internal sealed class Generation(GeminiSandboxOptions options, ModelCatalog models, FileStore files, CacheStore caches)
{
    public async Task<GeminiError?> GenerateAsync(SandboxCall call)
    {
        var error = Prepare(call, out var request, out var model) ?? KeyStateErrors.OfModel(call, model);
        if (error is not null)
        {
            return error;
        }

        var state = call.StateOf(model);
        await Pacing.BeforeAnswerAsync(call, options, state);
        var response = Respond(request, model, call.Key);
        call.Response.Headers["x-gemini-service-tier"] = "standard";
        if (call.Route.Verb == "generateContent")
        {
            return await call.AnswerAsync(state == SandboxKeyState.EmptyAnswer ? response.WithoutCandidates() : response.Whole());
        }

        await StreamedAnswer.SendAsync(call, options, state, response.Chunks(options.WordsPerChunk));
        return null;
    }

    public async Task<GeminiError?> CountTokensAsync(SandboxCall call)
    {
        if (call.ReadJson(out var json) is { } malformed)
        {
            return malformed;
        }

        if (models.Find(call.Route.Name) is null)
        {
            return GeminiErrors.UnknownModel(ModelCatalog.Bare(call.Route.Name), call.Route.Version, call.Route.Verb);
        }

        // Either bare contents or a whole request: tokens are counted where they are generated, but on another quota.
        var request = json.Field("generateContentRequest") as JsonObject ?? json;
        var error = NativeRequest.CheckCount(json) ?? files.Check(request, call.Key);
        if (error is not null)
        {
            return error;
        }

        var tokens = Conversation.OfNative(request).PromptTokens;
        return await call.AnswerAsync(new JsonObject { ["totalTokens"] = tokens, ["promptTokensDetails"] = NativeResponse.TextTokens(tokens) });
    }

    /// <summary>What is wrong with a request, whoever brings it.</summary>
    public GeminiError? Check(JsonObject request, SandboxKey key) => NativeRequest.Check(request) ?? files.Check(request, key) ?? caches.Check(request, key);

    public NativeResponse Respond(JsonObject request, SandboxModel model, SandboxKey key) => new(
        model,
        SandboxAnswer.Several(Conversation.OfNative(request), request.Field("generationConfig").Number("candidateCount")),
        caches.TokensOf(request, key));

    private GeminiError? Prepare(SandboxCall call, out JsonObject request, out SandboxModel model)
    {
        model = models.Find(call.Route.Name, embeds: false)!;
        if (call.ReadJson(out request) is { } malformed)
        {
            return malformed;
        }

        return model is null
            ? GeminiErrors.UnknownModel(ModelCatalog.Bare(call.Route.Name), call.Route.Version, call.Route.Verb)
            : Check(request, call.Key);
    }
}
