using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>A key as the API manages it; what it does when it is used is its <see cref="SandboxKey"/>'s affair.</summary>
public sealed class GoogleApiKey
{
    internal GoogleApiKey(string name, SandboxKey key, DateTimeOffset created) => (Name, Key, CreatedOn, UpdatedOn) = (name, key, created, created);

    /// <summary><c>projects/NUMBER/locations/global/keys/ID</c>.</summary>
    public string Name { get; }

    /// <summary>The key where it is used.</summary>
    public SandboxKey Key { get; }

    /// <summary>Its name for people.</summary>
    public string? DisplayName { get; internal set; }

    /// <summary>The service account that it is bound to.</summary>
    public string? ServiceAccountEmail { get; internal init; }

    /// <summary>The services it may call; none means all.</summary>
    public IReadOnlyList<string> ApiTargets => [.. Restrictions.Items("apiTargets").Select(target => target.Text("service") ?? "")];

    /// <summary>What tools have written on it.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; internal set; } = new Dictionary<string, string>();

    /// <summary>When it was deleted; null while it isn't.</summary>
    public DateTimeOffset? DeletedOn { get; internal set; }

    internal DateTimeOffset CreatedOn { get; }

    internal DateTimeOffset UpdatedOn { get; set; }

    internal JsonNode? Restrictions { get; set; }

    internal string Uid { get; } = Guid.NewGuid().ToString();

    internal string Etag { get; private set; } = NewEtag();

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal void Touch(DateTimeOffset now) => (UpdatedOn, Etag) = (now, NewEtag());

    internal JsonObject ToJson()
    {
        var json = new JsonObject { ["name"] = Name, ["uid"] = Uid };
        if (DisplayName is not null)
        {
            json["displayName"] = DisplayName;
        }

        json["createTime"] = Time(CreatedOn);
        json["updateTime"] = Time(UpdatedOn);
        if (DeletedOn is { } deleted)
        {
            json["deleteTime"] = Time(deleted);
        }

        if (Annotations.Count > 0)
        {
            json["annotations"] = new JsonObject(Annotations.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        }

        if (Restrictions is not null)
        {
            json["restrictions"] = Restrictions.DeepClone();
        }

        if (ServiceAccountEmail is not null)
        {
            json["serviceAccountEmail"] = ServiceAccountEmail;
        }

        json["etag"] = Etag;
        return json;
    }

    private static string NewEtag() => $"W/\"{Convert.ToBase64String(RandomNumberGenerator.GetBytes(16))}\"";

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
