using System.Text.Json;
using Azure;

namespace GeminiEdge.Failover.Keys;

/// <summary>The inner code of the vault's error, which alone tells a disabled secret from a missing role.</summary>
internal static class VaultError
{
    public const string SecretDisabled = "SecretDisabled";

    public static string? InnerCode(RequestFailedException error)
    {
        if (error.GetRawResponse()?.Content is not { } content)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(content);
            return json.RootElement.TryGetProperty("error", out var outer)
                && outer.ValueKind == JsonValueKind.Object
                && outer.TryGetProperty("innererror", out var inner)
                && inner.ValueKind == JsonValueKind.Object
                && inner.TryGetProperty("code", out var code)
                    ? code.ToString()
                    : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A front end's page, or an error of another shape: the status has to do.
            return null;
        }
    }
}
