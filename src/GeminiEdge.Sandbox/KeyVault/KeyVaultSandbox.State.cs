using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.KeyVault;

/// <content>What is in the vault, what was asked of it, and how it fails.</content>
public sealed partial class KeyVaultSandbox
{
    /// <summary>How the vault fails, for every request that <see cref="OnRequest"/> says nothing about. The default is not at all.</summary>
    public KeyVaultFault Fault
    {
        get => _server.Fault;
        set
        {
            _server.Fault = value;
            _vaultConnections.IsDark = value.Kind == KeyVaultFaultKind.Outage;
        }
    }

    /// <summary>How the identity endpoint fails. The default is not at all.</summary>
    public KeyVaultFault IdentityFault
    {
        get => _identity.Fault;
        set
        {
            _identity.Fault = value;
            _identityConnections.IsDark = value.Kind == KeyVaultFaultKind.Outage;
        }
    }

    /// <summary>What Azure Policy demands of clients' writes; <see cref="Set"/> is not asked. The default is nothing.</summary>
    public KeyVaultPolicy Policy
    {
        get => _server.Policy;
        set => _server.Policy = value;
    }

    /// <summary>Sees every request to the vault before it is answered and may fail it; null leaves that to <see cref="Fault"/>.</summary>
    public Func<KeyVaultRequest, KeyVaultFault?>? OnRequest
    {
        get => _server.OnRequest;
        set => _server.OnRequest = value;
    }

    /// <summary>
    /// Runs before a client's write is applied, and may hold it or lose it. Other requests go on meanwhile, writes too.
    /// </summary>
    public Func<KeyVaultWrite, Task<KeyVaultFault?>>? BeforeWrite
    {
        get => _hooks.Before;
        set => _hooks.Before = value;
    }

    /// <summary>
    /// Runs after a client's write was applied and before it is answered, and may hold or lose the answer; setting <see cref="Fault"/>
    /// here stops the world. A write that changed nothing does not come here.
    /// </summary>
    public Func<KeyVaultWrite, Task<KeyVaultFault?>>? AfterWrite
    {
        get => _hooks.After;
        set => _hooks.After = value;
    }

    /// <summary>The newest requests to the vault in order of arrival.</summary>
    public IReadOnlyList<KeyVaultRequest> Requests => _log.Snapshot();

    /// <summary>How many writes of clients were applied.</summary>
    public int WriteCount => _hooks.Count;

    /// <summary>How many tokens the identity endpoint has issued.</summary>
    public int IdentityTokensIssued => _identity.Issued;

    /// <summary>The names of the secrets that aren't deleted, sorted.</summary>
    public IReadOnlyList<string> Names => [.. _store.List().Select(secret => secret.Name)];

    /// <summary>Answers a request that came by no connection.</summary>
    internal Task HandleAsync(HttpContext context) => _server.HandleAsync(context);

    /// <summary>Forgets the requests recorded so far.</summary>
    public void ClearRequests() => _log.Clear();

    /// <summary>Writes a new version, as an operator would by hand; no hook runs.</summary>
    /// <exception cref="InvalidOperationException">The name is deleted.</exception>
    public SecretVersion Set(
        string name,
        string value,
        IReadOnlyDictionary<string, string>? tags = null,
        DateTimeOffset? expires = null,
        bool enabled = true,
        DateTimeOffset? notBefore = null,
        string? contentType = null)
    {
        var change = new SecretChange { Value = value, Tags = tags, ExpiresOn = expires, Enabled = enabled, NotBefore = notBefore, ContentType = contentType };
        return Require(_store.Set(name, change, out var version), version);
    }

    /// <summary>Enables or disables a version, the newest unless one is named.</summary>
    public SecretVersion SetEnabled(string name, bool enabled, string? version = null) =>
        Require(_store.Update(name, version, new() { Enabled = enabled }, out var changed), changed);

    /// <summary>Makes a secret a deleted one.</summary>
    public void Delete(string name) => Require(_store.Delete(name, out var deleted), deleted);

    /// <summary>Brings a deleted secret back.</summary>
    public void Recover(string name) => Require(_store.Recover(name, out var version), version);

    /// <summary>Whether the name belongs to a deleted secret.</summary>
    public bool IsDeleted(string name) => _store.GetDeleted(name, out _) is null;

    /// <summary>The newest version, whether enabled or not; null when there is no such secret or it is deleted.</summary>
    public SecretVersion? Latest(string name) => _store.Versions(name, evenDeleted: false) is [.., var latest] ? latest : null;

    /// <summary>All versions in the order they were written, a deleted secret's too.</summary>
    public IReadOnlyList<SecretVersion> Versions(string name) => _store.Versions(name, evenDeleted: true);

    private static T Require<T>(KeyVaultError? error, T? result) where T : class =>
        error is null ? result! : throw new InvalidOperationException(error.Message);
}
