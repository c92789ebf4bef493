using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What a path names: <c>/{version}/{collection}[/{name}][:{verb}]</c>, a name of several segments included, below <c>/upload</c> or <c>/download</c>, or with <c>openai/</c> before the collection.</summary>
internal sealed record Route(RouteFamily Family, string Version, string Collection, string? Name, string? Verb, Envelope Envelope)
{
    /// <summary>The method as Google's errors name it.</summary>
    public string Rpc => $"google.ai.generativelanguage.{Version}." + (Family, Collection) switch
    {
        (RouteFamily.OpenAi, "chat") => "GenerativeService.GenerateContent",
        (RouteFamily.OpenAi, "embeddings") => "GenerativeService.EmbedContent",
        (RouteFamily.Upload, _) => "FileService.CreateFile",
        (_, "files") when Verb == "download" => "FileService.DownloadFile",
        (_, "files") when Verb == "register" => "FileService.RegisterFiles",
        (_, "files") => "FileService." + (Name is null ? "ListFiles" : "GetFile"),
        (_, "batches") => "BatchService." + (Name is null ? "ListBatches" : "GetBatch"),
        (_, "interactions") => "InteractionsService.CreateInteraction",
        (_, "tunedModels") => "ModelService." + (Name is null ? "ListTunedModels" : "GetTunedModel"),
        (_, "cachedContents") => "CacheService." + (Name is null ? "CreateCachedContent" : "GetCachedContent"),
        _ when Verb is { } verb => $"GenerativeService.{char.ToUpperInvariant(verb[0])}{verb[1..]}",
        _ => "ModelService." + (Name is null ? "ListModels" : "GetModel"),
    };

    public static Route? Parse(HttpRequest request)
    {
        var segments = request.Path.Value!.Split('/')[1..];
        var family = RouteFamily.Native;
        if (segments is ["upload", ..])
        {
            (family, segments) = (RouteFamily.Upload, segments[1..]);
        }
        else if (segments is ["download", ..])
        {
            (family, segments) = (RouteFamily.Download, segments[1..]);
        }
        else if (segments is [_, "openai", ..])
        {
            (family, segments) = (RouteFamily.OpenAi, [segments[0], .. segments[2..]]);
        }

        if (segments is not ["v1beta" or "v1" or "v1alpha", { Length: > 0 }, ..])
        {
            return null;
        }

        // An interaction's verbs are segments; everybody else's follow a colon, after a collection too.
        var (rest, verb) = segments is [_, "interactions", _, var last] ? (segments[2], last) : Split(segments.Length > 2 ? string.Join('/', segments[2..]) : null);
        var (collection, ofAll) = rest is null && segments.Length == 2 ? Split(segments[1]) : (segments[1], null);
        verb ??= ofAll;
        return new(family, segments[0], collection!, rest, verb, EnvelopeOf(family, collection!, verb, request));
    }

    private static (string? Name, string? Verb) Split(string? text)
    {
        var colon = text?.LastIndexOf(':') ?? -1;
        return colon >= 0 && colon + 1 < text!.Length ? (text[..colon], text[(colon + 1)..]) : (text, null);
    }

    private static Envelope EnvelopeOf(RouteFamily family, string collection, string? verb, HttpRequest request) => (family, collection, verb) switch
    {
        (RouteFamily.OpenAi, _, _) => Envelope.Array,
        (RouteFamily.Native, "interactions", _) => Envelope.Interaction,
        (_, _, "streamGenerateContent") => request.Query["alt"] == "sse" || request.Query["$alt"] == "sse" ? Envelope.EventStream : Envelope.Array,
        _ => Envelope.Object,
    };
}
