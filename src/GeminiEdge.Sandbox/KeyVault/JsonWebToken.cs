using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>A token in the form of Entra ID's, for simulators that read its claims; its signature is noise.</summary>
internal static class JsonWebToken
{
    private const int SignatureLength = 32;

    public static string Of(string principal, string audience, DateTimeOffset issued, DateTimeOffset expires)
    {
        var header = new JsonObject { ["alg"] = "RS256", ["typ"] = "JWT" };
        var claims = new JsonObject
        {
            ["aud"] = audience,
            ["iss"] = $"https://sts.windows.net/{AccessTokens.Tenant}/",
            ["iat"] = issued.ToUnixTimeSeconds(),
            ["nbf"] = issued.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["oid"] = principal,
            ["tid"] = AccessTokens.Tenant,
        };
        return $"{Encode(header)}.{Encode(claims)}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SignatureLength))}";
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
