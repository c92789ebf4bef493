using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>One request on its way through the vault.</summary>
internal sealed class KeyVaultCall(HttpContext context, KeyVaultRoute route, KeyVaultRequest record)
{
    public HttpContext Context => context;

    public KeyVaultRoute Route => route;

    public KeyVaultRequest Record => record;

    public string Name => route.Name!;

    /// <summary>The vault as this client addresses it, for the ids and links of the answer.</summary>
    public string Vault { get; } = $"https://{context.Request.Host}";

    public Task AnswerAsync(JsonObject json) => AnswerAsync(200, json);

    public Task AnswerAsync(KeyVaultError error) => AnswerAsync(error.Status, error.ToJson());

    /// <summary>The answer of a purge.</summary>
    public void AnswerNothing()
    {
        record.Status = 204;
        context.Response.StatusCode = 204;
    }

    /// <summary>Ends this request without an answer.</summary>
    public void Reset() => context.Abort();

    private async Task AnswerAsync(int status, JsonObject json)
    {
        record.Status = status;
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        Json.Write(context.Response.BodyWriter, json, pretty: false);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }
}
