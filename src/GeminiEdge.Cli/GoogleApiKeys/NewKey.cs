using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>A key to be made.</summary>
/// <param name="Id">Chosen here: should the answer get lost, it is still known what may have been made.</param>
internal sealed record NewKey(string Project, string Id, string DisplayName)
{
    /// <summary>The service account that the key is bound to.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>The vault whose edges use it, for whoever finds it at Google.</summary>
    public required string Vault { get; init; }

    public string Name => $"projects/{Project}/locations/global/keys/{Id}";

    /// <summary>For people; the resource name would be wider than many a terminal.</summary>
    public string Words => $"the key {Id} in the project {Project}";

    public string Text => $"create {Words}, restricted to {GoogleKeys.Service}{(ServiceAccount is null ? "" : $" and bound to {ServiceAccount}")}";

    public static NewKey Of(string project, string? displayName, string? serviceAccount, Uri vault, DateTimeOffset now)
    {
        var time = now.UtcDateTime;
        return new NewKey(
            project,
            $"geminiedge-{time.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture)}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}",
            displayName ?? $"GeminiEdge {time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}")
        {
            ServiceAccount = serviceAccount,
            Vault = vault.Host,
        };
    }

    public JsonObject ToJson()
    {
        var json = new JsonObject
        {
            ["displayName"] = DisplayName,
            ["annotations"] = new JsonObject { ["managed-by"] = "GeminiEdge", ["vault"] = Vault },
            ["restrictions"] = new JsonObject { ["apiTargets"] = new JsonArray(new JsonObject { ["service"] = GoogleKeys.Service }) },
        };
        if (ServiceAccount is not null)
        {
            json["serviceAccountEmail"] = ServiceAccount;
        }

        return json;
    }
}
