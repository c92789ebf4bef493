using System.Collections.Immutable;
using Azure;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>Reads the vault as a rotation sees it, and does its writes, one call each.</summary>
internal sealed class RotationStore(SecretClient vault)
{
    /// <summary>
    /// How an operator's client calls the vault: once, and not for long. A write that the client sent again by itself,
    /// seconds later, would land after the lock was lost.
    /// </summary>
    public static SecretClientOptions ClientOptions => new() { Retry = { MaxRetries = 0, NetworkTimeout = TimeSpan.FromSeconds(2.5) } };

    /// <summary>Everything a plan is made from, read at the same time: what it is made from must not be old when it is done.</summary>
    public async Task<RotationState> ReadAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var slots = KeySlots.All.Select(slot => ReadSlotAsync(slot, cancellationToken)).ToList();
        var old = ListAsync(KeySlot.Old.Secret(), cancellationToken);
        var leaked = ReadLeakedAsync(cancellationToken);
        var records = ReadRecordsAsync(cancellationToken);
        await Task.WhenAll([.. slots, old, leaked, records]);
        var states = slots.Select(slot => slot.Result).ToImmutableArray();
        var newest = states[(int)KeySlot.Old].Version;
        return new RotationState
        {
            Slots = states,
            EarlierOld = newest is null
                ? []
                : [.. old.Result.Where(version => version.Enabled == true && version.Version != newest).OrderBy(version => version.CreatedOn).Select(version => version.Version)],
            Leaked = leaked.Result.Keys,
            LeakedTrouble = leaked.Result.Trouble,
            LeakedUnread = leaked.Result.Unread,
            Records = records.Result,
            Now = now,
        };
    }

    public async Task<ImmutableArray<RotationRecord>> ReadRecordsAsync(CancellationToken cancellationToken)
    {
        var versions = await ListAsync(RotationRecord.Secret, cancellationToken);
        return
        [
            .. versions.Select(version => new RotationRecord(version.Version, version.CreatedOn ?? DateTimeOffset.MinValue, version.Tags.ToImmutableDictionary()))
                .OrderBy(record => record.CreatedOn).ThenBy(record => record.Version, StringComparer.Ordinal),
        ];
    }

    /// <summary>The versions that hold the key of this hash and can be read, beside the newest of each slot.</summary>
    public async Task<(ImmutableArray<SlotVersion> Versions, ApiKey? Key)> SearchAsync(RotationState state, string hash, CancellationToken cancellationToken)
    {
        var slots = await Task.WhenAll(state.Slots.Select(slot => SearchAsync(slot, hash, cancellationToken)));
        return ([.. slots.SelectMany(found => found).Select(found => found.Version)], slots.SelectMany(found => found).FirstOrDefault().Key);
    }

    /// <returns>The new version.</returns>
    public async Task<string> WriteAsync(string name, string value, ImmutableDictionary<string, string> tags, DateTimeOffset? expiresOn, CancellationToken cancellationToken)
    {
        var secret = new KeyVaultSecret(name, value) { Properties = { ExpiresOn = expiresOn } };
        Fill(secret.Properties.Tags, tags);
        var written = await CallAsync($"write {name}", () => vault.SetSecretAsync(secret, cancellationToken), cancellationToken, isWrite: true);
        return written.Value.Properties.Version;
    }

    public Task TagAsync(string name, string version, ImmutableDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        var properties = Properties(name, version);
        Fill(properties.Tags, tags);
        return CallAsync($"change the tags of {name}", () => vault.UpdateSecretPropertiesAsync(properties, cancellationToken), cancellationToken, isWrite: true);
    }

    public Task DisableAsync(string name, string version, CancellationToken cancellationToken)
    {
        var properties = Properties(name, version);
        properties.Enabled = false;
        return CallAsync($"disable a version of {name}", () => vault.UpdateSecretPropertiesAsync(properties, cancellationToken), cancellationToken, isWrite: true);
    }

    private async Task<SlotState> ReadSlotAsync(KeySlot slot, CancellationToken cancellationToken)
    {
        if (await GetAsync(slot.Secret(), cancellationToken) is not { } secret)
        {
            return new SlotState(slot);
        }

        var value = SecretValue.Of(secret.Value);
        return new SlotState(slot)
        {
            Version = secret.Properties.Version,
            Key = value.Key,
            Refusal = value.Refusal,
            ExpiresOn = secret.Properties.ExpiresOn,
            CreatedOn = secret.Properties.CreatedOn,
            Enabled = true,
            Tags = secret.Properties.Tags.ToImmutableDictionary(),
        };
    }

    private async Task<List<(SlotVersion Version, ApiKey Key)>> SearchAsync(SlotState slot, string hash, CancellationToken cancellationToken)
    {
        var found = new List<(SlotVersion, ApiKey)>();
        foreach (var version in await ListAsync(slot.Slot.Secret(), cancellationToken))
        {
            if (version.Enabled == true && version.Version != slot.Version
                && await GetAsync(slot.Slot.Secret(), cancellationToken, version.Version) is { } secret
                && SecretValue.Of(secret.Value).Key is { } key && LeakedKeys.HashOf(key) == hash)
            {
                found.Add((new SlotVersion(slot.Slot, version.Version), key));
            }
        }

        return found;
    }

    private async Task<(LeakedKeys Keys, string? Trouble, int Unread)> ReadLeakedAsync(CancellationToken cancellationToken)
    {
        var (keys, trouble) = await ReadNewestLeakedAsync(cancellationToken);
        if (trouble is null)
        {
            return (keys, null, 0);
        }

        // What earlier versions named has leaked all the same.
        var versions = await ListAsync(LeakedKeys.Secret, cancellationToken);
        var texts = await Task.WhenAll(versions.Where(version => version.Enabled == true).Select(version => GetAsync(LeakedKeys.Secret, cancellationToken, version.Version)));
        var lists = texts.Select(text => text is null ? null : LeakedKeys.Parse(text.Value)).OfType<LeakedKeys>().ToList();
        return (LeakedKeys.AllOf(lists), trouble, versions.Count - lists.Count);
    }

    private Task<(LeakedKeys Keys, string? Trouble)> ReadNewestLeakedAsync(CancellationToken cancellationToken) => CallAsync($"read {LeakedKeys.Secret}", async () =>
    {
        try
        {
            var secret = await vault.GetSecretAsync(LeakedKeys.Secret, cancellationToken: cancellationToken);
            return LeakedKeys.Parse(secret.Value.Value) is { } keys ? (keys, null) : (LeakedKeys.None, LeakedKeys.Unreadable);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return (LeakedKeys.None, (string?)null);
        }
        catch (RequestFailedException e) when (e.Status == 403 && VaultError.InnerCode(e) == VaultError.SecretDisabled)
        {
            return (LeakedKeys.None, $"The newest version of {LeakedKeys.Secret} is disabled, so that nobody knows which keys have leaked: enable it.");
        }
    }, cancellationToken);

    /// <summary>Null when there is none, or its newest version is disabled.</summary>
    private Task<KeyVaultSecret?> GetAsync(string name, CancellationToken cancellationToken, string? version = null) => CallAsync<KeyVaultSecret?>($"read {name}", async () =>
    {
        try
        {
            return await vault.GetSecretAsync(name, version, cancellationToken: cancellationToken);
        }
        catch (RequestFailedException e) when (e.Status == 404 || (e.Status == 403 && VaultError.InnerCode(e) == VaultError.SecretDisabled))
        {
            return null;
        }
    }, cancellationToken);

    private Task<List<SecretProperties>> ListAsync(string name, CancellationToken cancellationToken) => CallAsync($"list the versions of {name}", async () =>
    {
        var versions = new List<SecretProperties>();
        try
        {
            await foreach (var version in vault.GetPropertiesOfSecretVersionsAsync(name, cancellationToken))
            {
                versions.Add(version);
            }
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // Nobody has written it yet.
        }

        return versions;
    }, cancellationToken);

    private SecretProperties Properties(string name, string version) => new(new Uri(vault.VaultUri, $"secrets/{name}/{version}"));

    private static void Fill(IDictionary<string, string> to, ImmutableDictionary<string, string> from)
    {
        foreach (var (name, value) in from)
        {
            to[name] = value;
        }
    }

    private static async Task<T> CallAsync<T>(string doing, Func<Task<T>> call, CancellationToken cancellationToken, bool isWrite = false)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (OperatorFault.IsOfTheVault(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new VaultFault(doing, e, isWrite && !OperatorFault.IsRefusal(e));
        }
    }
}
