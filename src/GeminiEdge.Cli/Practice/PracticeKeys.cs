using GeminiEdge.Cli.Drill;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Cli.Practice;

/// <summary>The sandbox's keys: at Google, and in the vault.</summary>
internal sealed class PracticeKeys(DrillBed bed, DrillGoogle google)
{
    /// <summary>A key that Google has just made.</summary>
    public ApiKey New() => google.AddKey();

    /// <summary>The newest value of each slot that holds a key, and Google's key of that value; null where Google knows none.</summary>
    public IEnumerable<(KeySlot Slot, string Value, SandboxKey? AtGoogle)> InVault() =>
        from slot in KeySlots.All
        let value = bed.Vault.Latest(slot.Secret()) is { Enabled: true, Value: var text } && text != SecretValue.Empty ? text : null
        where value is not null
        select (slot, value, AtGoogle(value));

    /// <summary>The key that a word means: a slot, or the last four characters.</summary>
    public SandboxKey? Find(string word) => KeySlots.Parse(word) is { } slot
        ? InVault().FirstOrDefault(held => held.Slot == slot).AtGoogle
        : word.Length == 4 ? bed.Gemini.Keys.LastOrDefault(key => key.Value.EndsWith(word, StringComparison.Ordinal)) : null;

    /// <summary>The slots of the vault that hold the key with these last four characters, and these, for people.</summary>
    public string Name(string keyId) =>
        string.Join('/', InVault().Where(held => held.Value.EndsWith(keyId, StringComparison.Ordinal)).Select(held => held.Slot.Name())) is { Length: > 0 } slots
            ? $"{slots} (…{keyId})"
            : $"…{keyId}, which no slot holds any more";

    private SandboxKey? AtGoogle(string value) => bed.Gemini.Keys.FirstOrDefault(key => key.Value == value);
}
