using System.Globalization;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary><c>cachedContents</c>: each belongs to a project and lives as long as its <c>ttl</c> says, an hour by default.</summary>
internal sealed class CacheStore(TimeProvider time, ModelCatalog models, FileStore files)
{
    private readonly ProjectResources _caches = new(time);

    public async Task<GeminiError?> CreateAsync(SandboxCall call)
    {
        if ((call.ReadJson(out var request) ?? FieldCheck.Check(request, GeminiMessages.Cache)) is { } malformed)
        {
            return malformed;
        }

        if (models.Find(request.Text("model"), embeds: false) is not { } model)
        {
            return GeminiErrors.UnknownModel(ModelCatalog.Bare(request.Text("model")), call.Route.Version, "createCachedContent");
        }

        if (files.Check(request, call.Key) is { } denied)
        {
            return denied;
        }

        var id = KeyGenerator.NewResourceId();
        var expires = Expiry(request);
        var cache = new JsonObject { ["name"] = $"cachedContents/{id}", ["model"] = $"models/{model.Name}" };
        if (request.Text("displayName") is { } displayName)
        {
            cache["displayName"] = displayName;
        }

        cache["createTime"] = ProjectResources.Timestamp(_caches.Now);
        cache["updateTime"] = ProjectResources.Timestamp(_caches.Now);
        cache["expireTime"] = ProjectResources.Timestamp(expires);
        cache["usageMetadata"] = new JsonObject
        {
            ["totalTokenCount"] = TokenCount.OfJson(request.Field("contents")) + TokenCount.OfJson(request.Field("systemInstruction")),
        };
        _caches.TryPut(id, call.Key.Project, cache, expires);
        return await call.AnswerAsync(cache.DeepClone());
    }

    public Task<GeminiError?> GetAsync(SandboxCall call) => AnswerAsync(call, _caches.Find(call.Route.Name!, call.Key.Project));

    public Task<GeminiError?> ListAsync(SandboxCall call)
    {
        var page = Paging.Of(call.Request, _caches.List(call.Key.Project), 50, 1_000);
        return page.Error is { } error ? Task.FromResult<GeminiError?>(error) : call.AnswerAsync(page.ToJson("cachedContents", cache => cache));
    }

    /// <summary>Only the expiry can change.</summary>
    public async Task<GeminiError?> PatchAsync(SandboxCall call)
    {
        if (call.ReadJson(out var request) is { } malformed)
        {
            return malformed;
        }

        var id = call.Route.Name!;
        if (_caches.Find(id, call.Key.Project) is not { } cache)
        {
            return GeminiErrors.CacheDenied();
        }

        var expires = Expiry(request);
        cache["updateTime"] = ProjectResources.Timestamp(_caches.Now);
        cache["expireTime"] = ProjectResources.Timestamp(expires);
        _caches.TryPut(id, call.Key.Project, cache, expires, replace: true);
        return await call.AnswerAsync(cache.DeepClone());
    }

    public Task<GeminiError?> DeleteAsync(SandboxCall call) =>
        AnswerAsync(call, _caches.Remove(call.Route.Name!, call.Key.Project) ? [] : null);

    public GeminiError? Check(JsonObject request, SandboxKey key) =>
        request.Text("cachedContent") is { } name && _caches.Find(Id(name), key.Project) is null ? GeminiErrors.CacheDenied() : null;

    public int TokensOf(JsonObject request, SandboxKey key) => request.Text("cachedContent") is { } name
        ? _caches.Find(Id(name), key.Project).Field("usageMetadata").Number("totalTokenCount") ?? 0
        : 0;

    private static Task<GeminiError?> AnswerAsync(SandboxCall call, JsonObject? cache) =>
        cache is null ? Task.FromResult<GeminiError?>(GeminiErrors.CacheDenied()) : call.AnswerAsync(cache);

    private static string Id(string name) => name[(name.LastIndexOf('/') + 1)..];

    private DateTimeOffset Expiry(JsonObject request)
    {
        if (DateTimeOffset.TryParse(request.Text("expireTime"), CultureInfo.InvariantCulture, out var at))
        {
            return at;
        }

        var seconds = double.TryParse(request.Text("ttl")?.TrimEnd('s'), NumberStyles.Float, CultureInfo.InvariantCulture, out var ttl) ? ttl : 3_600;
        return _caches.Now + TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 31_536_000));
    }
}
