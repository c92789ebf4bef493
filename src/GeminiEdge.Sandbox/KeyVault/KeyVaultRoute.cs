using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>What a path and a method ask for.</summary>
internal sealed record KeyVaultRoute(KeyVaultOperation Operation, string? Name = null, string? Version = null)
{
    /// <summary>The right a role must hold, without its provider.</summary>
    public string Action => Operation switch
    {
        KeyVaultOperation.Get => "secrets/getSecret/action",
        KeyVaultOperation.Set => "secrets/setSecret/action",
        KeyVaultOperation.Update => "secrets/update/action",
        KeyVaultOperation.Delete => "secrets/delete",
        KeyVaultOperation.Recover => "secrets/recover/action",
        KeyVaultOperation.Purge => "secrets/purge/action",
        _ => "secrets/readMetadata/action",
    };

    /// <summary>The right an access policy must give.</summary>
    public string Permission => Operation switch
    {
        KeyVaultOperation.Get => "get",
        KeyVaultOperation.Set or KeyVaultOperation.Update => "set",
        KeyVaultOperation.Delete => "delete",
        KeyVaultOperation.Recover => "recover",
        KeyVaultOperation.Purge => "purge",
        _ => "list",
    };

    /// <summary>Null when there is no such route. The SDK ends the path of a newest version with a slash.</summary>
    public static KeyVaultRoute? Parse(HttpRequest request)
    {
        var segments = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (request.Method, segments) switch
        {
            ("GET", ["secrets"]) => new(KeyVaultOperation.List),
            ("GET", ["secrets", var name, "versions"]) => new(KeyVaultOperation.ListVersions, name),
            ("GET", ["secrets", var name]) => new(KeyVaultOperation.Get, name),
            ("GET", ["secrets", var name, var version]) => new(KeyVaultOperation.Get, name, version),
            ("PUT", ["secrets", var name]) => new(KeyVaultOperation.Set, name),
            ("PATCH", ["secrets", var name]) => new(KeyVaultOperation.Update, name),
            ("PATCH", ["secrets", var name, var version]) => new(KeyVaultOperation.Update, name, version),
            ("DELETE", ["secrets", var name]) => new(KeyVaultOperation.Delete, name),
            ("GET", ["deletedsecrets"]) => new(KeyVaultOperation.ListDeleted),
            ("GET", ["deletedsecrets", var name]) => new(KeyVaultOperation.GetDeleted, name),
            ("POST", ["deletedsecrets", var name, "recover"]) => new(KeyVaultOperation.Recover, name),
            ("DELETE", ["deletedsecrets", var name]) => new(KeyVaultOperation.Purge, name),
            _ => null,
        };
    }
}
