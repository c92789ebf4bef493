using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Lets a request in as Gemini would, then hands it to what its path names.</summary>
internal sealed class GeminiServer
{
    private readonly GeminiSandboxOptions _options;
    private readonly Func<string, SandboxKey?> _findKey;
    private readonly RequestLog _log;
    private readonly ModelCatalog _models;
    private readonly FileStore _files;
    private readonly CacheStore _caches;
    private readonly Uploads _uploads;
    private readonly Generation _generation;
    private readonly Embeddings _embeddings;
    private readonly OpenAiChat _chat;
    private readonly BatchStore _batches;
    private readonly InteractionStore _interactions;

    public GeminiServer(GeminiSandboxOptions options, Func<string, SandboxKey?> findKey, RequestLog log, Func<Uri> baseUrl)
    {
        (_options, _findKey, _log) = (options, findKey, log);
        _models = new(options);
        _files = new(options.TimeProvider);
        _caches = new(options.TimeProvider, _models, _files);
        _uploads = new(options, _files, baseUrl);
        _generation = new(options, _models, _files, _caches);
        _embeddings = new(_models);
        _chat = new(options, _models);
        _batches = new(options, _models, _files, _generation);
        _interactions = new(options, _models);
    }

    public Func<HttpContext, Task<bool>>? OnRequest { get; set; }

    public async Task HandleAsync(HttpContext context)
    {
        // 1. Record. Every body but an upload's is read before anything is answered, so a refused attempt shows it too.
        var credentials = Credentials.Read(context.Request);
        var key = credentials.Value is { } value ? _findKey(value) : null;
        key?.CountRequest();
        var record = _log.Add(context, credentials);
        var body = await RequestBody.ReadAsync(context, record, _options.MaxBodyBytes);

        // 2. A test may answer in any way it likes.
        if (OnRequest is { } intercept && await intercept(context))
        {
            return;
        }

        if (key?.Delay > TimeSpan.Zero)
        {
            await Task.Delay(key.Delay, _options.TimeProvider, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // 3. Answer, or put the error in the route's envelope.
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.Vary = "Origin, X-Origin, Referer";
        if (Route.Parse(context.Request) is not { } route)
        {
            await ErrorWriter.WriteAsync(context.Response, GeminiErrors.NoSuchPage(), Envelope.Object, isAtTheDoor: true);
            return;
        }

        var call = new SandboxCall(context, route, body ?? default, key);
        var refused = Admit(call, credentials) ?? (body is null ? GeminiErrors.TooLarge(_options.MaxBodyBytes) : null);
        if ((refused ?? await DispatchAsync(call)) is { } error)
        {
            await ErrorWriter.WriteAsync(context.Response, error, route.Envelope, isAtTheDoor: refused is not null);
        }
    }

    private static GeminiError? Admit(SandboxCall call, Credentials credentials)
    {
        // The upload id is what lets the bytes of an upload in; a key is checked when there is one.
        if (call.Route.Family == RouteFamily.Upload && credentials.Count == 0 && call.Request.Query.ContainsKey("upload_id"))
        {
            return null;
        }

        if (credentials.Judge(call.Route.Family == RouteFamily.OpenAi) is { } refused)
        {
            return refused;
        }

        if (call.OptionalKey is null)
        {
            return credentials.Value!.StartsWith("AQ.", StringComparison.Ordinal)
                ? GeminiErrors.Unauthenticated()
                : GeminiErrors.InvalidKey("API key not valid. Please pass a valid API key.");
        }

        return (TakesNoKeys(call.Route) ? GeminiErrors.CredentialsMissing(call.Route) : null)
            ?? KeyStateErrors.AtTheDoor(call)
            ?? ServerTimeout.Check(call.Request);
    }

    /// <summary>Methods that are for users and service accounts alone.</summary>
    private static bool TakesNoKeys(Route route) => route is { Family: RouteFamily.Native } and ({ Collection: "tunedModels" } or { Collection: "files", Verb: "register" });

    private Task<GeminiError?> DispatchAsync(SandboxCall call) => call.Route.Family switch
    {
        RouteFamily.Upload when call.Route is { Collection: "files", Name: null } && (call.Request.Method is "POST" or "PUT" || (call.Request.Method == "DELETE" && RangedUploads.Is(call.Request))) => _uploads.HandleAsync(call),
        RouteFamily.Download when call.Route is { Collection: "files", Name: not null, Verb: "download" } && call.Request.Method is "GET" or "HEAD" => _files.DownloadAsync(call),
        RouteFamily.OpenAi => DispatchOpenAi(call),
        RouteFamily.Native when call.Route.Name?.Contains('/', StringComparison.Ordinal) != true => DispatchNative(call),
        _ => NotFound(call),
    };

    private Task<GeminiError?> DispatchOpenAi(SandboxCall call) => (call.Request.Method, call.Route.Collection, call.Route.Name) switch
    {
        ("POST", "chat", "completions") => _chat.CompleteAsync(call),
        ("POST", "embeddings", null) => _embeddings.EmbedOpenAiAsync(call),
        ("GET", "models", null) => _models.ListOpenAiAsync(call),
        ("GET", "models", _) => _models.GetOpenAiAsync(call),
        _ => NotFound(call),
    };

    private Task<GeminiError?> DispatchNative(SandboxCall call) =>
        (call.Request.Method, call.Route.Collection, call.Route.Name is null, call.Route.Verb) switch
        {
            ("POST", "models", false, "generateContent" or "streamGenerateContent") => _generation.GenerateAsync(call),
            ("POST", "models", false, "countTokens") => _generation.CountTokensAsync(call),
            ("POST", "models", false, "embedContent") => _embeddings.EmbedAsync(call),
            ("POST", "models", false, "batchEmbedContents") => _embeddings.EmbedBatchAsync(call),
            ("GET", "models", true, null) => _models.ListAsync(call),
            ("GET", "models", false, null) => _models.GetAsync(call),
            ("GET", "files", true, null) => _files.ListAsync(call),
            ("GET", "files", false, null) => _files.GetAsync(call),
            ("GET" or "HEAD", "files", false, "download") => FileStore.PointToDownload(call),
            ("DELETE", "files", false, null) => _files.DeleteAsync(call),
            ("POST", "cachedContents", true, null) => _caches.CreateAsync(call),
            ("GET", "cachedContents", true, null) => _caches.ListAsync(call),
            ("GET", "cachedContents", false, null) => _caches.GetAsync(call),
            ("PATCH", "cachedContents", false, null) => _caches.PatchAsync(call),
            ("DELETE", "cachedContents", false, null) => _caches.DeleteAsync(call),
            ("POST", "models", false, "batchGenerateContent") => _batches.CreateAsync(call),
            ("GET", "batches", true, null) => _batches.ListAsync(call),
            ("GET", "batches", false, null) => _batches.GetAsync(call),
            ("POST", "batches", false, "cancel") => _batches.CancelAsync(call),
            ("DELETE", "batches", false, null) => _batches.DeleteAsync(call),
            ("POST", "interactions", true, null) => _interactions.CreateAsync(call),
            ("GET", "interactions", false, null) => _interactions.GetAsync(call),
            ("DELETE", "interactions", false, null) => _interactions.DeleteAsync(call),
            ("POST", "interactions", false, "cancel") => _interactions.CancelAsync(call),
            _ => NotFound(call),
        };

    private static Task<GeminiError?> NotFound(SandboxCall call) => Task.FromResult<GeminiError?>(Unsimulated.Of(call) ?? GeminiErrors.NoSuchPage());
}
