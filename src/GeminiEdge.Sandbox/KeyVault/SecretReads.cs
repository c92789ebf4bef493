using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>The operations that change nothing.</summary>
internal sealed class SecretReads(KeyVaultSandboxOptions options, SecretStore store, SecretJson json)
{
    public Task HandleAsync(KeyVaultCall call)
    {
        JsonObject body;
        var error = call.Route.Operation switch
        {
            KeyVaultOperation.Get => Get(call, out body),
            KeyVaultOperation.List => List(call, out body),
            KeyVaultOperation.ListVersions => ListVersions(call, out body),
            KeyVaultOperation.GetDeleted => GetDeleted(call, out body),
            _ => ListDeleted(call, out body),
        };
        return error is null ? call.AnswerAsync(body) : call.AnswerAsync(error);
    }

    private KeyVaultError? Get(KeyVaultCall call, out JsonObject body)
    {
        body = [];
        if (store.Get(call.Name, call.Route.Version, out var version) is { } error)
        {
            return error;
        }

        // A disabled version is refused even when it is the newest and an older one is enabled. One outside its nbf and exp is not.
        if (!version!.Enabled)
        {
            return KeyVaultErrors.Disabled();
        }

        body = json.Bundle(version, call.Vault, withValue: true);
        return null;
    }

    private KeyVaultError? List(KeyVaultCall call, out JsonObject body) => SecretPage.Of(
        call.Context.Request, call.Vault, options.PageSize, store.List(), secret => secret.Name, secret => json.ListItem(secret, call.Vault), out body);

    /// <summary>By id, which says nothing of their age: the service promises no order and shows them in none.</summary>
    private KeyVaultError? ListVersions(KeyVaultCall call, out JsonObject body)
    {
        body = [];
        var versions = store.Versions(call.Name, evenDeleted: false);
        return versions.Count == 0
            ? KeyVaultErrors.NotFound(call.Name)
            : SecretPage.Of(
                call.Context.Request,
                call.Vault,
                options.PageSize,
                versions.OrderBy(version => version.Version, StringComparer.Ordinal),
                version => version.Version,
                version => json.Bundle(version, call.Vault, withValue: false),
                out body);
    }

    private KeyVaultError? GetDeleted(KeyVaultCall call, out JsonObject body)
    {
        var error = store.GetDeleted(call.Name, out var deleted);
        body = deleted is null ? [] : json.Deleted(deleted, call.Vault, inList: false);
        return error;
    }

    private KeyVaultError? ListDeleted(KeyVaultCall call, out JsonObject body) => SecretPage.Of(
        call.Context.Request,
        call.Vault,
        options.PageSize,
        store.ListDeleted(),
        deleted => deleted.Latest.Name,
        deleted => json.Deleted(deleted, call.Vault, inList: true),
        out body);
}
