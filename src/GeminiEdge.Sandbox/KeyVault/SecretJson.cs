using System.Text.Json;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>Secrets in the JSON of the REST protocol.</summary>
internal sealed class SecretJson(KeyVaultSandboxOptions options)
{
    public JsonObject Bundle(SecretVersion version, string vault, bool withValue) => Item(version, $"{vault}/secrets/{version.Name}/{version.Version}", withValue);

    /// <summary>An element of the list of secrets, whose id names no version.</summary>
    public JsonObject ListItem(SecretVersion latest, string vault) => Item(latest, $"{vault}/secrets/{latest.Name}", withValue: false);

    public JsonObject Deleted(DeletedSecret deleted, string vault, bool inList)
    {
        var json = inList ? ListItem(deleted.Latest, vault) : Bundle(deleted.Latest, vault, withValue: false);
        json["recoveryId"] = $"{vault}/deletedsecrets/{deleted.Latest.Name}";
        json["deletedDate"] = deleted.DeletedOn.ToUnixTimeSeconds();
        json["scheduledPurgeDate"] = deleted.PurgedOn.ToUnixTimeSeconds();
        return json;
    }

    /// <summary>The body of a write; null when it isn't what the protocol asks for.</summary>
    public static SecretChange? ReadChange(ReadOnlySpan<byte> body)
    {
        try
        {
            if (JsonNode.Parse(body) is not JsonObject json)
            {
                return null;
            }

            var attributes = json["attributes"] as JsonObject;
            return new()
            {
                Value = json["value"].AsText(),
                ContentType = json["contentType"].AsText(),
                Tags = (json["tags"] as JsonObject)?.ToDictionary(tag => tag.Key, tag => tag.Value.AsText() ?? ""),
                Enabled = attributes?["enabled"]?.GetValue<bool>(),
                NotBefore = Time(attributes?["nbf"]),
                ExpiresOn = Time(attributes?["exp"]),
            };
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static DateTimeOffset? Time(JsonNode? seconds) => seconds is null ? null : DateTimeOffset.FromUnixTimeSeconds(seconds.GetValue<long>());

    private JsonObject Item(SecretVersion version, string id, bool withValue)
    {
        var json = new JsonObject();
        if (withValue)
        {
            json["value"] = version.Value;
        }

        if (version.ContentType is not null)
        {
            json["contentType"] = version.ContentType;
        }

        json["id"] = id;
        json["attributes"] = Attributes(version);
        json["tags"] = new JsonObject(version.Tags.Select(tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value)));
        return json;
    }

    private JsonObject Attributes(SecretVersion version)
    {
        var json = new JsonObject { ["enabled"] = version.Enabled };
        if (version.NotBefore is { } notBefore)
        {
            json["nbf"] = notBefore.ToUnixTimeSeconds();
        }

        if (version.ExpiresOn is { } expiresOn)
        {
            json["exp"] = expiresOn.ToUnixTimeSeconds();
        }

        json["created"] = version.CreatedOn.ToUnixTimeSeconds();
        json["updated"] = version.UpdatedOn.ToUnixTimeSeconds();
        json["recoveryLevel"] = (options.Retention < TimeSpan.FromDays(90) ? "CustomizedRecoverable" : "Recoverable") + (options.PurgeProtection ? "" : "+Purgeable");
        json["recoverableDays"] = (int)options.Retention.TotalDays;
        return json;
    }
}
