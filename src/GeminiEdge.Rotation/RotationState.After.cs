using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Rotation;

/// <content>What a step makes of the state, as the vault would.</content>
internal sealed partial record RotationState
{
    /// <param name="version">The version a write made.</param>
    public RotationState After(PlanStep step, string version) => step switch
    {
        PlanStep.Write write => After(write, version),
        PlanStep.Tag tag => With(this[tag.Slot.Slot] with { Tags = tag.Tags }),
        PlanStep.Disable disable => this with
        {
            EarlierOld = EarlierOld.Remove(disable.Version),
            Found = Found?.Remove(new SlotVersion(disable.Slot, disable.Version)),
        },
        PlanStep.List list => this with { Leaked = LeakedKeys.Parse(Leaked.With(list.Hash))!, LeakedTrouble = null, LeakedUnread = 0, IsSettled = false },
        PlanStep.Settle => this with { IsSettled = true },
        PlanStep.Close close => this with { Records = Records.Replace(close.Record, close.Record.Closed(close.How)) },
        _ => this,
    };

    public RotationState Knowing(ApiKey key, Verdict verdict) => this with { Probes = Probes.SetItem(key, verdict) };

    private RotationState After(PlanStep.Write write, string version)
    {
        var before = this[write.Slot];
        var after = With(new SlotState(write.Slot)
        {
            Version = version,
            Key = write.Key,
            ExpiresOn = write.ExpiresOn,
            CreatedOn = Now,
            ContentType = write.ContentType,
            Enabled = true,
            Tags = write.Tags,
        });
        return after with
        {
            IsSettled = false,
            Found = null,
            EarlierOld = write.Slot == KeySlot.Old && before is { Version: not null, Enabled: true } ? EarlierOld.Add(before.Version) : EarlierOld,
        };
    }

    private RotationState With(SlotState slot) => this with { Slots = Slots.SetItem((int)slot.Slot, slot) };
}
