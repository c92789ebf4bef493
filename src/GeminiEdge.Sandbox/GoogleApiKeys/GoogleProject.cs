using System.Collections.Concurrent;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>A Google Cloud project, known by its id and by its number.</summary>
internal sealed class GoogleProject(string id, string number)
{
    public string Id => id;

    public string Number => number;

    public bool ApiEnabled { get; set; } = true;

    public ConcurrentDictionary<string, GoogleApiKeysRole> Roles { get; } = new(StringComparer.Ordinal);

    public bool Allows(string principal, string permission) => Roles.GetValueOrDefault(principal) switch
    {
        GoogleApiKeysRole.ApiKeysAdmin => true,
        GoogleApiKeysRole.ApiKeysViewer => permission is "apikeys.keys.list" or "apikeys.keys.get" or "apikeys.keys.getKeyString" or "apikeys.keys.lookup",
        _ => false,
    };

    /// <summary>Whether the principal's requests may count against the project.</summary>
    public bool IsUsableBy(string principal) => Roles.GetValueOrDefault(principal) != GoogleApiKeysRole.None;
}
