using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>Google's token endpoint: takes a service account's signed assertion, or a refresh token.</summary>
internal sealed class TokenEndpoint(GoogleApiKeysOptions options, GoogleTokens tokens)
{
    public const string Path = "/token";

    public async Task HandleAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var principal = form["grant_type"].ToString() switch
        {
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => Verify(form["assertion"].ToString()),
            "refresh_token" => tokens.Users.GetValueOrDefault(form["refresh_token"].ToString()),
            _ => null,
        };
        context.Response.StatusCode = principal is null ? 400 : 200;
        context.Response.ContentType = "application/json; charset=utf-8";
        Json.Write(context.Response.BodyWriter, principal is null
            ? new JsonObject { ["error"] = "invalid_grant", ["error_description"] = "Token has been expired or revoked." }
            : new JsonObject
            {
                ["access_token"] = tokens.Issue(principal),
                ["expires_in"] = (int)options.TokenLifetime.TotalSeconds,
                ["token_type"] = "Bearer",
            }, pretty: true);
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>Who signed it; null when nobody known did.</summary>
    private string? Verify(string assertion)
    {
        if (assertion.Split('.') is not [var header, var claims, var signature])
        {
            return null;
        }

        try
        {
            var principal = JsonNode.Parse(Base64Url.DecodeFromChars(claims)).Text("iss");
            return principal is not null && tokens.ServiceAccounts.TryGetValue(principal, out var account)
                && account.Key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{claims}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                    ? principal
                    : null;
        }
        catch (Exception e) when (e is FormatException or System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
