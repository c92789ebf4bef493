using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>The token endpoint that App Service and Functions give to an app (protocol 2019-08-01).</summary>
internal sealed class ManagedIdentity(KeyVaultSandboxOptions options, AccessTokens tokens)
{
    public const string Path = "/msi/token";

    private int _issued;

    /// <summary>What the caller must know, as a sign that it runs inside the app.</summary>
    public string Header { get; } = RandomNumberGenerator.GetHexString(32);

    public int Issued => Volatile.Read(ref _issued);

    public KeyVaultFault Fault { get; set; } = KeyVaultFault.None;

    public async Task HandleAsync(HttpContext context)
    {
        var fault = Fault;
        await FaultInjection.WaitAsync(fault, options.TimeProvider, context.RequestAborted);
        if (FaultInjection.Ends(fault, context, out var failure) && failure is null)
        {
            context.Abort();
            return;
        }

        var query = context.Request.Query;
        // The identity assigned to the app, or another one it names.
        var principal = query["client_id"].FirstOrDefault() ?? options.ManagedIdentity;
        var resource = query["resource"].FirstOrDefault()?.TrimEnd('/');
        var (status, json) = failure is not null ? (failure.Status, failure.ToJson())
            : context.Request.Path != Path || context.Request.Method != "GET" ? Problem(404, "No such page.")
            : context.Request.Headers["X-IDENTITY-HEADER"] != Header ? Problem(401, "The X-IDENTITY-HEADER is missing or wrong.")
            : query["api-version"] != "2019-08-01" || string.IsNullOrEmpty(resource) ? Problem(400, "Query parameters api-version and resource are required.")
            : !tokens.Knows(principal) || fault.Kind == KeyVaultFaultKind.Forbidden ? Problem(400, "No managed identity with that client id is assigned to this app.")
            : (200, Issue(principal, resource));
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        Json.Write(context.Response.BodyWriter, json, pretty: false);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static (int, JsonObject) Problem(int status, string message) => (status, new() { ["statusCode"] = status, ["message"] = message });

    private JsonObject Issue(string principal, string resource)
    {
        Interlocked.Increment(ref _issued);
        var token = tokens.Issue(principal, resource);
        return new()
        {
            ["access_token"] = token.Value,
            ["expires_on"] = token.ExpiresOn.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["resource"] = resource,
            ["token_type"] = "Bearer",
            ["client_id"] = principal,
        };
    }
}
