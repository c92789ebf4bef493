using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>A kind of request that callers send in a <see cref="FailoverSimulation"/>, and what the design says of its kind.</summary>
/// <param name="MayRepeat">Repeating it is harmless, and it belongs to no project.</param>
/// <param name="MayWait">Repeating it is harmless.</param>
/// <param name="NamesModel">Else its cooldowns are of no model.</param>
internal sealed record SimulatedCall(string Name, CallKind Kind, Func<string, string> Target, Func<string, string?> Body, bool MayRepeat, bool MayWait, bool NamesModel = true)
{
    public static readonly SimulatedCall[] All =
    [
        new("generate", CallKind.Generate, _ => "/api/generate", model => $$"""{"prompt":"Say hello to everyone","model":"{{model}}"}""", MayRepeat: true, MayWait: true),
        OfModel("native", CallKind.Generate, "generateContent", isHarmless: true),
        OfModel("count", CallKind.Count, "countTokens", isHarmless: true),
        OfModel("embed", CallKind.Embed, "embedContent", isHarmless: true),
        OfModel("batch", CallKind.Batch, "batchGenerateContent", isHarmless: false),
        new("openai", CallKind.OpenAi, _ => "/v1beta/openai/chat/completions",
            model => $$"""{"model":"{{model}}","messages":[{"role":"user","content":"Say hello to everyone"}]}""", MayRepeat: true, MayWait: true),
        new("grounded", CallKind.Grounded, model => $"/v1beta/models/{model}:generateContent",
            _ => """{"contents":[{"parts":[{"text":"Say hello to everyone"}]}],"tools":[{"google_search":{}}]}""", MayRepeat: true, MayWait: true),
        new("files", CallKind.File, _ => "/v1beta/files", _ => null, MayRepeat: false, MayWait: true, NamesModel: false),
        new("tuned", CallKind.Other, _ => "/v1beta/tunedModels", _ => """{"displayName":"a model that nobody may tune"}""", MayRepeat: false, MayWait: false, NamesModel: false),
    ];

    /// <summary>A method that takes no API keys: a refusal that doesn't mean the key as a whole says nothing until another key has done it.</summary>
    public bool MayBeNobodys => Kind == CallKind.Other;

    /// <summary>Nothing but the model makes its answer, so that another one may.</summary>
    public bool MayFallBack => Kind is CallKind.Generate or CallKind.Grounded or CallKind.OpenAi;

    /// <summary>Belongs to a project and names no model: it begins with the first key that nothing stands against.</summary>
    public bool PrefersUntroubled => !NamesModel;

    private static SimulatedCall OfModel(string name, CallKind kind, string action, bool isHarmless) => new(
        name, kind, model => $"/v1beta/models/{model}:{action}", _ => EdgeHost.Contents("Say hello to everyone"), isHarmless, isHarmless);
}
