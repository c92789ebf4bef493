using System.Security.Cryptography;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>The vault's state. Every change happens under one lock, so all clients see the same order.</summary>
internal sealed class SecretStore(KeyVaultSandboxOptions options)
{
    private readonly Lock _lock = new();

    // Names are case-insensitive and lists are sorted by them.
    private readonly SortedDictionary<string, StoredSecret> _secrets = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="policy">What must hold of the new version; null of an operator's own hands in a test.</param>
    public KeyVaultError? Set(string name, SecretChange change, out SecretVersion? version, KeyVaultPolicy? policy = null)
    {
        lock (_lock)
        {
            version = null;
            var secret = Find_NeedsLock(name);
            if (secret?.DeletedOn is not null)
            {
                return KeyVaultErrors.Deleted(secret.Name);
            }

            var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
            var now = Seconds(options.TimeProvider.GetUtcNow());
            var written = change.ApplyTo(new() { Name = secret?.Name ?? name, Version = id, Value = "", CreatedOn = now, UpdatedOn = now });
            if (policy?.Refuse(written) is { } refused)
            {
                return refused;
            }

            if (secret is null)
            {
                _secrets[name] = secret = new(name);
            }

            secret.Versions.Add(version = written);
            return null;
        }
    }

    /// <summary>Changes everything but the value.</summary>
    public KeyVaultError? Update(string name, string? id, SecretChange change, out SecretVersion? version, KeyVaultPolicy? policy = null)
    {
        lock (_lock)
        {
            version = null;
            if (Find_NeedsLock(name) is not { DeletedOn: null } secret || secret.IndexOf(id) is not (>= 0 and var index))
            {
                return KeyVaultErrors.NotFound(Id(name, id));
            }

            var changed = change.ApplyTo(secret.Versions[index]) with { UpdatedOn = Seconds(options.TimeProvider.GetUtcNow()) };
            if (policy is { AppliesToUpdates: true } && policy.Refuse(changed) is { } refused)
            {
                return refused;
            }

            secret.Versions[index] = version = changed;
            return null;
        }
    }

    public KeyVaultError? Get(string name, string? id, out SecretVersion? version)
    {
        lock (_lock)
        {
            var secret = Find_NeedsLock(name);
            var index = secret is { DeletedOn: null } ? secret.IndexOf(id) : -1;
            version = index >= 0 ? secret!.Versions[index] : null;
            return version is null ? KeyVaultErrors.NotFound(Id(name, id)) : null;
        }
    }

    public KeyVaultError? Delete(string name, out DeletedSecret? deleted)
    {
        lock (_lock)
        {
            deleted = null;
            if (Find_NeedsLock(name) is not { DeletedOn: null } secret)
            {
                return KeyVaultErrors.NotFound(name);
            }

            secret.DeletedOn = Seconds(options.TimeProvider.GetUtcNow());
            deleted = Deleted_NeedsLock(secret);
            return null;
        }
    }

    public KeyVaultError? GetDeleted(string name, out DeletedSecret? deleted)
    {
        lock (_lock)
        {
            deleted = Find_NeedsLock(name) is { DeletedOn: not null } secret ? Deleted_NeedsLock(secret) : null;
            return deleted is null ? KeyVaultErrors.DeletedNotFound(name) : null;
        }
    }

    public KeyVaultError? Recover(string name, out SecretVersion? version)
    {
        lock (_lock)
        {
            version = null;
            if (Find_NeedsLock(name) is not { DeletedOn: not null } secret)
            {
                return KeyVaultErrors.DeletedNotFound(name);
            }

            secret.DeletedOn = null;
            version = secret.Latest;
            return null;
        }
    }

    public KeyVaultError? Purge(string name)
    {
        lock (_lock)
        {
            if (Find_NeedsLock(name) is not { DeletedOn: not null } secret)
            {
                return KeyVaultErrors.DeletedNotFound(name);
            }

            if (options.PurgeProtection)
            {
                return KeyVaultErrors.PurgeProtected();
            }

            _secrets.Remove(secret.Name);
            return null;
        }
    }

    /// <summary>The newest version of every secret that isn't deleted.</summary>
    public IReadOnlyList<SecretVersion> List()
    {
        lock (_lock)
        {
            return [.. _secrets.Values.Where(secret => secret.DeletedOn is null).Select(secret => secret.Latest)];
        }
    }

    public IReadOnlyList<DeletedSecret> ListDeleted()
    {
        lock (_lock)
        {
            return [.. _secrets.Keys.ToList().Select(Find_NeedsLock).Where(secret => secret?.DeletedOn is not null).Select(Deleted_NeedsLock!)];
        }
    }

    /// <summary>In the order they were written; a deleted secret's too. Empty when there is no such secret.</summary>
    public IReadOnlyList<SecretVersion> Versions(string name, bool evenDeleted)
    {
        lock (_lock)
        {
            return Find_NeedsLock(name) is { } secret && (evenDeleted || secret.DeletedOn is null) ? [.. secret.Versions] : [];
        }
    }

    public static string Id(string name, string? version) => version is null ? name : $"{name}/{version}";

    private static DateTimeOffset Seconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds());

    /// <summary>A deleted secret whose retention has passed is gone.</summary>
    private StoredSecret? Find_NeedsLock(string name)
    {
        if (!_secrets.TryGetValue(name, out var secret))
        {
            return null;
        }

        if (secret.DeletedOn + options.Retention <= options.TimeProvider.GetUtcNow())
        {
            _secrets.Remove(name);
            return null;
        }

        return secret;
    }

    private DeletedSecret Deleted_NeedsLock(StoredSecret secret) => new(secret.Latest, secret.DeletedOn!.Value, secret.DeletedOn.Value + options.Retention);
}
