using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Cli.Drill;

/// <summary>Every key that was put into a slot of the vault, whoever did it.</summary>
internal sealed class SlotWrites
{
    private ImmutableArray<SlotWrite> _all = [];

    public ImmutableArray<SlotWrite> All => _all;

    /// <summary>The newest write to a slot.</summary>
    public SlotWrite Last(KeySlot slot) => _all.Last(write => write.Slot == slot);

    /// <summary>The vault's hook.</summary>
    public Task<KeyVaultFault?> NoteAsync(KeyVaultWrite write)
    {
        if (write is { Request.Operation: KeyVaultOperation.Set, Result: { } version } && SlotOf(version.Name) is { } slot)
        {
            var keyId = version.Value == SecretValue.Empty ? null : version.Value[^4..];
            ImmutableInterlocked.Update(ref _all, all => all.Add(new SlotWrite(write.Request.Time, slot, keyId)));
        }

        return Task.FromResult<KeyVaultFault?>(null);
    }

    private static KeySlot? SlotOf(string secret) =>
        KeySlots.All.Where(slot => slot.Secret() == secret).Select(slot => (KeySlot?)slot).FirstOrDefault();
}
