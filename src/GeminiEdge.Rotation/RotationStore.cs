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
            LeakedTerms = leaked.Result.Terms,
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
            .. versions.Select(version => new RotationRecord(version.Version, version.CreatedOn ?? DateTimeOffset.MinValue, version.Tags.ToImmutableDictionary()) { ContentType = version.ContentType })
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
    public async Task<string> WriteAsync(string name, string value, SecretTerms terms, CancellationToken cancellationToken)
    {
        var secret = new KeyVaultSecret(name, value);
        Fill(secret.Properties, terms);
        var written = await WriteAsync($"write {name}", terms, value, () => vault.SetSecretAsync(secret, cancellationToken), cancellationToken);
        return written.Value.Properties.Version;
    }

    /// <param name="terms">What the vault wants with it.</param>
    public Task TagAsync(string name, string version, ImmutableDictionary<string, string> tags, CancellationToken cancellationToken, SecretTerms? terms = null)
    {
        var properties = Properties(name, version);
        terms = (terms ?? SecretTerms.None) with { Tags = tags };
        Fill(properties, terms);
        return WriteAsync($"change the tags of {name}", terms, null, () => vault.UpdateSecretPropertiesAsync(properties, cancellationToken), cancellationToken);
    }

    public Task DisableAsync(string name, string version, CancellationToken cancellationToken, SecretTerms? terms = null)
    {
        var properties = Properties(name, version);
        properties.Enabled = false;
        terms ??= SecretTerms.None;
        Fill(properties, terms);
        return WriteAsync($"disable a version of {name}", terms, null, () => vault.UpdateSecretPropertiesAsync(properties, cancellationToken), cancellationToken);
    }

    /// <summary>When a version was written; null when it is gone.</summary>
    public async Task<DateTimeOffset?> ReadCreatedOnAsync(string name, string version, CancellationToken cancellationToken) =>
        (await GetAsync(name, cancellationToken, version))?.Properties.CreatedOn;

    private async Task<SlotState> ReadSlotAsync(KeySlot slot, CancellationToken cancellationToken)
    {
        var (secret, isDisabled) = await TryGetAsync(slot.Secret(), null, cancellationToken);
        if (secret is null)
        {
            // Who fills it again keeps what others wrote beside its value.
            var former = isDisabled ? Newest(await ListAsync(slot.Secret(), cancellationToken)) : SecretTerms.None;
            return new SlotState(slot) { Tags = RotationTags.OnSlot(former.Tags, SecretTerms.None.Tags), ContentType = former.ContentType };
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
            ContentType = secret.Properties.ContentType,
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

    private async Task<(LeakedKeys Keys, SecretTerms Terms, string? Trouble, int Unread)> ReadLeakedAsync(CancellationToken cancellationToken)
    {
        var (keys, terms, trouble) = await ReadNewestLeakedAsync(cancellationToken);
        if (trouble is null)
        {
            return (keys, terms, null, 0);
        }

        // What earlier versions named has leaked all the same.
        var versions = await ListAsync(LeakedKeys.Secret, cancellationToken);
        var texts = await Task.WhenAll(versions.Where(version => version.Enabled == true).Select(version => GetAsync(LeakedKeys.Secret, cancellationToken, version.Version)));
        var lists = texts.Select(text => text is null ? null : LeakedKeys.Parse(text.Value)).OfType<LeakedKeys>().ToList();
        return (LeakedKeys.AllOf(lists), Newest(versions), trouble, versions.Count - lists.Count);
    }

    private Task<(LeakedKeys Keys, SecretTerms Terms, string? Trouble)> ReadNewestLeakedAsync(CancellationToken cancellationToken) => CallAsync($"read {LeakedKeys.Secret}", async () =>
    {
        try
        {
            var secret = (await vault.GetSecretAsync(LeakedKeys.Secret, cancellationToken: cancellationToken)).Value;
            return LeakedKeys.Parse(secret.Value) is { } keys ? (keys, Terms(secret.Properties), null) : (LeakedKeys.None, SecretTerms.None, LeakedKeys.Unreadable);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return (LeakedKeys.None, SecretTerms.None, (string?)null);
        }
        catch (RequestFailedException e) when (e.Status == 403 && VaultError.InnerCode(e) == VaultError.SecretDisabled)
        {
            return (LeakedKeys.None, SecretTerms.None, $"The newest version of {LeakedKeys.Secret} is disabled, so that nobody knows which keys have leaked: enable it.");
        }
    }, cancellationToken);

    private static SecretTerms Newest(List<SecretProperties> versions) => versions.MaxBy(version => version.CreatedOn) is { } newest ? Terms(newest) : SecretTerms.None;

    private static SecretTerms Terms(SecretProperties properties) => new(properties.Tags.ToImmutableDictionary()) { ContentType = properties.ContentType };

    /// <summary>Null when there is none, or its newest version is disabled.</summary>
    private async Task<KeyVaultSecret?> GetAsync(string name, CancellationToken cancellationToken, string? version = null) => (await TryGetAsync(name, version, cancellationToken)).Secret;

    private Task<(KeyVaultSecret? Secret, bool IsDisabled)> TryGetAsync(string name, string? version, CancellationToken cancellationToken) => CallAsync($"read {name}", async () =>
    {
        try
        {
            return ((KeyVaultSecret?)await vault.GetSecretAsync(name, version, cancellationToken: cancellationToken), false);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return (null, false);
        }
        catch (RequestFailedException e) when (e.Status == 403 && VaultError.InnerCode(e) == VaultError.SecretDisabled)
        {
            return (null, true);
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

    private static void Fill(SecretProperties properties, SecretTerms terms)
    {
        (properties.ExpiresOn, properties.ContentType) = (terms.ExpiresOn, terms.ContentType);
        foreach (var (name, value) in terms.Tags)
        {
            properties.Tags[name] = value;
        }
    }

    private static Task<T> CallAsync<T>(string doing, Func<Task<T>> call, CancellationToken cancellationToken) =>
        CallAsync(call, cause => new VaultFault(doing, cause, mayHaveWritten: false) { Refusal = VaultRefusal.Of(cause, null) }, cancellationToken);

    /// <param name="value">Of a new version; null of a change to one that is there.</param>
    private static Task<T> WriteAsync<T>(string doing, SecretTerms terms, string? value, Func<Task<T>> call, CancellationToken cancellationToken) => CallAsync(
        call,
        cause => new VaultFault(doing, cause, !OperatorFault.IsRefusal(cause)) { Terms = terms, IsUpdate = value is null, Refusal = VaultRefusal.Of(cause, value) },
        cancellationToken);

    private static async Task<T> CallAsync<T>(Func<Task<T>> call, Func<Exception, VaultFault> fault, CancellationToken cancellationToken)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (OperatorFault.IsOfTheVault(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw fault(e);
        }
    }
}
