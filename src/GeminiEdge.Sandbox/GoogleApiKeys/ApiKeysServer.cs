using System.Text.Json;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Sandbox.KeyVault;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>Lets a request in as the API would, then does what it asks for.</summary>
internal sealed class ApiKeysServer(
    GoogleApiKeysOptions options, ApiKeyStore store, GoogleTokens tokens, Func<string, GoogleProject?> findProject, Recorder<GoogleApiKeysRequest> log)
{
    private const int MaxPageSize = 300;

    public Func<GoogleApiKeysRequest, GoogleApiKeysFault?>? OnRequest { get; set; }

    public async Task HandleAsync(HttpContext context)
    {
        // 1. Record.
        if (ApiKeysRoute.Parse(context.Request) is not { } route)
        {
            await ErrorWriter.WriteAsync(context.Response, GeminiErrors.NoSuchPage(), Envelope.Object);
            return;
        }

        var authorization = context.Request.Headers.Authorization.FirstOrDefault();
        var principal = tokens.PrincipalOf(authorization);
        var record = new GoogleApiKeysRequest(route.Operation, route.Resource, principal, context.Request.Headers["x-goog-user-project"].FirstOrDefault());
        log.Add(record);
        var fault = OnRequest?.Invoke(record);

        // 2. Answer.
        var refused = fault?.Error
            ?? (authorization is null ? ApiKeysErrors.NoToken() : principal is null ? ApiKeysErrors.InvalidToken() : Admit(record, principal, route));
        var (json, error) = refused is not null ? (null, refused) : await DoAsync(context.Request, route, principal!, fault);
        if (fault?.LosesAnswer == true)
        {
            context.Abort();
        }
        else if (error is not null)
        {
            await ErrorWriter.WriteAsync(context.Response, error, Envelope.Object);
        }
        else
        {
            context.Response.ContentType = "application/json; charset=UTF-8";
            Json.Write(context.Response.BodyWriter, json!, pretty: true);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
        }
    }

    /// <summary>The project that the request counts against has a say before the one that it is about.</summary>
    private GeminiError? Admit(GoogleApiKeysRequest record, string principal, ApiKeysRoute route)
    {
        var own = tokens.ServiceAccounts.TryGetValue(principal, out var account) ? account.Project : null;
        if (record.QuotaProject is { } named)
        {
            if (findProject(named)?.IsUsableBy(principal) != true)
            {
                return ApiKeysErrors.MayNotUse(named);
            }
        }
        else if (own is null)
        {
            return ApiKeysErrors.NoQuotaProject();
        }

        if (findProject(record.QuotaProject ?? own!) is not { ApiEnabled: true } consumer)
        {
            return ApiKeysErrors.ServiceDisabled(findProject(record.QuotaProject ?? own!)?.Number ?? own!);
        }

        return route is { Project: { } project, Permission: { } permission } && findProject(project)?.Allows(principal, permission) != true
            ? ApiKeysErrors.Denied(permission, $"//apikeys.googleapis.com/{route.Resource}")
            : null;
    }

    private async Task<(JsonNode? Json, GeminiError? Error)> DoAsync(HttpRequest request, ApiKeysRoute route, string principal, GoogleApiKeysFault? fault)
    {
        var project = route.Project is null ? null : findProject(route.Project);
        switch (route.Operation)
        {
            case GoogleApiKeysOperation.Create:
                return Started(store.Create(project!, request.Query["keyId"], await ReadAsync(request), fault));
            case GoogleApiKeysOperation.List:
                return List(request, project!);
            case GoogleApiKeysOperation.Lookup:
                return Lookup(request.Query["keyString"].ToString(), principal);
            case GoogleApiKeysOperation.GetOperation:
                return store.FindOperation(route.Id!) is { } operation ? (operation.ToJson(options.TimeProvider.GetUtcNow()), null) : (null, ApiKeysErrors.NotFound());
        }

        if (store.Find(project!, route.Id!) is not { } key)
        {
            return (null, ApiKeysErrors.NotFound());
        }

        return route.Operation switch
        {
            GoogleApiKeysOperation.Get => (key.ToJson(), null),
            // What Google does for a deleted key isn't known; this is the less convenient of the two.
            GoogleApiKeysOperation.GetKeyString when key.DeletedOn is not null => (null, ApiKeysErrors.NotFound()),
            GoogleApiKeysOperation.GetKeyString => (new JsonObject { ["keyString"] = key.Key.Value }, null),
            GoogleApiKeysOperation.Update => Started(store.Update(key, request.Query["updateMask"], await ReadAsync(request), fault)),
            GoogleApiKeysOperation.Delete => Started(store.Delete(key, request.Query["etag"], fault)),
            _ => Started(store.Undelete(key, fault)),
        };
    }

    private (JsonNode? Json, GeminiError? Error) List(HttpRequest request, GoogleProject project)
    {
        var prefix = $"projects/{project.Number}/";
        var showDeleted = request.Query["showDeleted"] == "true";
        var page = Paging.Of(request, [.. store.Keys.Where(key => key.Name.StartsWith(prefix, StringComparison.Ordinal) && (showDeleted || key.DeletedOn is null))], options.PageSize, MaxPageSize);
        return page.Error is null ? (page.ToJson("keys", key => key.ToJson()), null) : (null, page.Error);
    }

    private (JsonNode? Json, GeminiError? Error) Lookup(string value, string principal)
    {
        var key = store.Keys.FirstOrDefault(key => key.Key.Value == value);
        if (key is null)
        {
            return (null, ApiKeysErrors.NotFound());
        }

        var parent = key.Name[..key.Name.IndexOf("/keys/", StringComparison.Ordinal)];
        return findProject(parent.Split('/')[1])!.Allows(principal, "apikeys.keys.lookup")
            ? (new JsonObject { ["parent"] = parent, ["name"] = key.Name }, null)
            : (null, ApiKeysErrors.Denied("apikeys.keys.lookup", $"//apikeys.googleapis.com/{parent}"));
    }

    private (JsonNode? Json, GeminiError? Error) Started((LongOperation? Operation, GeminiError? Error) result) =>
        (result.Operation?.ToJson(options.TimeProvider.GetUtcNow()), result.Error);

    private static async Task<JsonNode?> ReadAsync(HttpRequest request)
    {
        try
        {
            return await JsonNode.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
