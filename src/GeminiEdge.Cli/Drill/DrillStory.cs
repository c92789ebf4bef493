using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Drill;

/// <summary>What happens to the edges while the load runs: every step as an operator, Google or Azure does it.</summary>
internal sealed class DrillStory(DrillBed bed, Tally tally, Rotator rotator, DrillPace pace, TimeProvider time, Action<string> say)
{
    private const int Rotations = 3;

    /// <summary>Tells it step by step; ends early at a command that was not done.</summary>
    public async Task<ImmutableArray<DrillStep>> TellAsync(CancellationToken cancellationToken)
    {
        var steps = ImmutableArray.CreateBuilder<DrillStep>();
        foreach (var tell in Steps(cancellationToken))
        {
            var step = await tell();
            steps.Add(step);
            if (step.Command is { Outcome: not RotationOutcome.Done })
            {
                break;
            }
        }

        return steps.ToImmutable();
    }

    private IEnumerable<Func<Task<DrillStep>>> Steps(CancellationToken cancellationToken)
    {
        for (var i = 1; i <= Rotations; i++)
        {
            // The first rotation loses no OLD. Twenty-four hours would pass before the next; here OLD is given up.
            var (number, replaceOld) = (i, i > 1);
            yield return () => CommandAsync($"rotation {number}: promote", KeySlot.Primary, () => rotator.PromoteAsync(KeySlot.Primary, replaceOld, cancellationToken));
            yield return () => CommandAsync($"rotation {number}: new SECONDARY", KeySlot.Secondary, () => rotator.SetAsync(KeySlot.Secondary, bed.NewKey(), cancellationToken));
        }

        yield return () => ByHandAsync(cancellationToken);
        yield return () => DieWithSuccessorAsync(cancellationToken);
        yield return () => DieAsync(cancellationToken);
        yield return () => OutageAsync(cancellationToken);
        yield return () => CommandAsync("rollback", KeySlot.Primary, () => rotator.RollbackAsync(cancellationToken));
    }

    private async Task<DrillStep> CommandAsync(string name, KeySlot slot, Func<Task<RotationResult>> command)
    {
        say(name);
        var began = time.GetUtcNow();
        var result = await command();
        var write = bed.Writes.Last(slot);
        return write.At >= began
            ? Swap(name, write) with { Command = result }
            : new DrillStep(name, began, "ring", _ => null) { Command = result };
    }

    private async Task<DrillStep> ByHandAsync(CancellationToken cancellationToken)
    {
        const string name = "by hand: a new PRIMARY";
        say(name);
        var write = await bed.WriteByHandAsync(KeySlot.Primary, bed.NewKey(), cancellationToken);
        await SettleAsync(write, cancellationToken);
        return Swap(name, write);
    }

    private async Task<DrillStep> DieWithSuccessorAsync(CancellationToken cancellationToken)
    {
        const string name = "PRIMARY dies, its successor is in the vault";
        say(name);
        var dying = bed.Writes.Last(KeySlot.Primary);
        var write = await bed.WriteByHandAsync(KeySlot.Primary, bed.NewKey(), cancellationToken);
        bed.Kill(dying.KeyId!);
        await SettleAsync(write, cancellationToken);
        return Swap(name, write);
    }

    private async Task<DrillStep> DieAsync(CancellationToken cancellationToken)
    {
        const string name = "PRIMARY dies, nothing is in the vault";
        say(name);
        var dying = bed.Writes.Last(KeySlot.Primary).KeyId!;
        var at = time.GetUtcNow();
        bed.Kill(dying);
        await Task.Delay(pace.RefreshInterval, time, cancellationToken);
        return new DrillStep(name, at, "another key answers", edge => tally.FirstWithout(dying, edge.Number, at));
    }

    private async Task<DrillStep> OutageAsync(CancellationToken cancellationToken)
    {
        var name = $"the vault is away for {pace.Outage.TotalSeconds:0} s";
        say(name);
        var began = time.GetUtcNow();
        bed.Vault.Fault = Sandbox.KeyVault.KeyVaultFault.Outage;
        await Task.Delay(pace.Outage, time, cancellationToken);
        bed.Vault.Fault = Sandbox.KeyVault.KeyVaultFault.None;
        var ended = time.GetUtcNow();
        return new DrillStep(name, ended, "the vault is read again", edge => edge.Lines.First("vault_reachable", ended))
        {
            Noticed = bed.Edges.Count(edge => edge.Lines.First("vault_unreachable", began) is not null),
        };
    }

    private static DrillStep Swap(string name, SlotWrite write) => new(name, write.At, "ring", edge => edge.Lines.Knows(write));

    /// <summary>Waits until every instance has read it, but not for ever: what is missing then is evidence too.</summary>
    private async Task SettleAsync(SlotWrite write, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(3 * pace.RefreshInterval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await Task.WhenAll(bed.Edges.Select(edge => edge.Lines.WaitForAsync(write, either.Token)));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The evidence says which instance.
        }
    }
}
