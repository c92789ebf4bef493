using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What a path names: <c>/{version}/{collection}[/{name}][:{verb}]</c>, below <c>/upload</c> or <c>/download</c>, or with <c>openai/</c> before the collection.</summary>
internal sealed record Route(RouteFamily Family, string Version, string Collection, string? Name, string? Verb, Envelope Envelope)
{
    /// <summary>The method as Google's errors name it.</summary>
    public string Rpc => $"google.ai.generativelanguage.{Version}." + (Family, Collection) switch
    {
        (RouteFamily.OpenAi, "chat") => "GenerativeService.GenerateContent",
        (RouteFamily.OpenAi, "embeddings") => "GenerativeService.EmbedContent",
        (RouteFamily.Upload, _) => "FileService.CreateFile",
        (_, "files") when Verb == "download" => "FileService.DownloadFile",
        (_, "files") => "FileService." + (Name is null ? "ListFiles" : "GetFile"),
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

        if (segments is not ["v1beta" or "v1" or "v1alpha", { Length: > 0 } collection, ..] || segments.Length > 3)
        {
            return null;
        }

        var name = segments.Length == 3 ? segments[2] : null;
        var colon = name?.LastIndexOf(':') ?? -1;
        var verb = colon >= 0 && colon + 1 < name!.Length ? name[(colon + 1)..] : null;
        return new(family, segments[0], collection, verb is null ? name : name![..colon], verb, EnvelopeOf(family, verb, request));
    }

    private static Envelope EnvelopeOf(RouteFamily family, string? verb, HttpRequest request) => (family, verb) switch
    {
        (RouteFamily.OpenAi, _) => Envelope.Array,
        (_, "streamGenerateContent") => request.Query["alt"] == "sse" || request.Query["$alt"] == "sse" ? Envelope.EventStream : Envelope.Array,
        _ => Envelope.Object,
    };
}
