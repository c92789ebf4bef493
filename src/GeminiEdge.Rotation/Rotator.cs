using System.Globalization;
using System.Security.Cryptography;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>The operator's commands. They never throw for what a vault or Google does: that is in their results.</summary>
/// <param name="progress">Hears what is going on; never a key.</param>
internal sealed class Rotator(SecretClient vault, KeyProbe probe, TimeProvider time, RotatorOptions options, Action<string> progress)
{
    private readonly RotationStore _store = new(vault);
    private readonly PatientProbe _probe = new(probe, time, progress, options.Moment);
    private readonly PatientRead _patient = new(time, progress);
    private readonly Retention _retention = new(options.Expires, options.MaxAge);

    /// <summary>SECONDARY becomes the slot's key, whose former key becomes OLD.</summary>
    public Task<RotationResult> PromoteAsync(KeySlot slot, bool replaceOld, CancellationToken cancellationToken) => PromoteAsync(slot, replaceOld, null, cancellationToken);

    /// <param name="watch">How long it is to be watched then: whoever stops watching can go on.</param>
    public Task<RotationResult> PromoteAsync(KeySlot slot, bool replaceOld, TimeSpan? watch, CancellationToken cancellationToken) =>
        RunAsync(Command(RotationKind.Promote) with { Slot = slot, ReplaceOld = replaceOld, Watch = watch }, cancellationToken);

    /// <summary>What this operator has begun to watch and not watched to the end, or why nobody knows.</summary>
    public async Task<(PendingWatch? Watch, RotationResult? Failure)> FindWatchAsync(CancellationToken cancellationToken)
    {
        var reading = await ReadAsync(cancellationToken);
        return reading.Failure is { } failure ? (null, failure) : (PendingWatch.Of(reading, options.Operator, time.GetUtcNow()), null);
    }

    /// <summary>Notes that a promotion has been watched to the end.</summary>
    /// <returns>Why that could not be noted.</returns>
    public async Task<RotationResult?> EndWatchAsync(string rotation, CancellationToken cancellationToken)
    {
        var (pending, failure) = await FindWatchAsync(cancellationToken);
        if (pending?.Promotion.Rotation != rotation)
        {
            return failure;
        }

        try
        {
            await _store.TagAsync(RotationRecord.Secret, pending.Record.Version, pending.Record.Tags.SetItem(RotationTags.Watched, "kept"), cancellationToken);
            return null;
        }
        catch (VaultFault fault)
        {
            return OperatorFault.Explain(fault, vault.VaultUri);
        }
    }

    /// <summary>OLD becomes its former slot's key again.</summary>
    public Task<RotationResult> RollbackAsync(CancellationToken cancellationToken) => RunAsync(Command(RotationKind.Rollback), cancellationToken);

    /// <summary>Empties OLD once it has expired.</summary>
    public Task<RotationResult> PurgeAsync(CancellationToken cancellationToken) => RunAsync(Command(RotationKind.Purge), cancellationToken);

    /// <summary>Stores a key.</summary>
    public Task<RotationResult> SetAsync(KeySlot slot, ApiKey key, CancellationToken cancellationToken) => SetAsync(slot, key, isJustMade: false, cancellationToken);

    /// <param name="isJustMade">Google has just made the key.</param>
    public Task<RotationResult> SetAsync(KeySlot slot, ApiKey key, bool isJustMade, CancellationToken cancellationToken) => RunAsync(
        Command(RotationKind.Set) with { Slot = slot, Key = key, IsJustMade = isJustMade, Expires = options.Expires, MaxAge = options.MaxAge }, cancellationToken);

    /// <summary>Takes a leaked key out of every slot, every earlier version and every ring.</summary>
    /// <param name="keyId">The leaked key's last four characters; null where the slot says it all.</param>
    /// <param name="standby">The key to go on with where no slot holds another that works.</param>
    public Task<RotationResult> LeakAsync(KeySlot slot, string? keyId, ApiKey? standby, CancellationToken cancellationToken) =>
        RunAsync(Command(RotationKind.Leak) with { Slot = slot, KeyId = keyId, Key = standby }, cancellationToken);

    /// <summary>The slots as they are.</summary>
    public async Task<SlotReading> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var state = await _patient.DoAsync(() => _store.ReadAsync(time.GetUtcNow(), cancellationToken), cancellationToken);
            return new SlotReading { Slots = state.Slots, Leaked = state.Leaked, Records = state.Records };
        }
        catch (VaultFault fault)
        {
            return new SlotReading { Failure = OperatorFault.Explain(fault, vault.VaultUri) };
        }
    }

    // Sorts by time, and differs when two begin in the same second.
    private RotationCommand Command(RotationKind kind) => new(
        kind,
        $"{time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture)}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}")
    {
        Settling = options.Settling,
        HasRegister = options.Fleet is not null,
    };

    private Task<RotationResult> RunAsync(RotationCommand command, CancellationToken cancellationToken) =>
        new RotationRun(_store, vault.VaultUri, _probe, command, options, _retention, time, progress).RunAsync(cancellationToken);
}
