using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>Makes a key at Google and stores it as SECONDARY; what can't be stored isn't left behind.</summary>
internal sealed class KeyIssue(Session session, GoogleKeys google, NewKey wanted)
{
    private static readonly TimeSpan CleanUpPatience = TimeSpan.FromSeconds(30);

    private bool _mayExist;
    private ApiKey? _key;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var (result, key) = await IssueAsync(cancellationToken);
        return session.Report(result, key);
    }

    /// <summary>The same, for a command that does more.</summary>
    public async Task<(RotationResult Result, KeyAtGoogle? Key)> IssueAsync(CancellationToken cancellationToken)
    {
        // 1. What can be known to fail fails before anything is made.
        var (failure, slots) = await session.ReadSlotsAsync(cancellationToken);
        if (failure is not null)
        {
            return (failure, null);
        }

        if (session.DryRun)
        {
            return (await RehearseAsync(cancellationToken), null);
        }

        // 2. From here on a key may be there that no slot holds.
        RotationResult result;
        try
        {
            result = await session.Terminal.WorkAsync(() => MakeAndStoreAsync(cancellationToken));
            if (result.Outcome != RotationOutcome.Done)
            {
                result = result with { Message = $"{result.Message} {await DiscardAsync()}" };
            }
        }
        catch (Exception)
        {
            session.Terminal.Say($"edgectl: {await DiscardAsync()}");
            throw;
        }

        // 3. The standby before it is nobody's now.
        if (result.Outcome == RotationOutcome.Done && Lost(slots) is { } lost)
        {
            result = result with
            {
                Warnings = [.. result.Warnings, $"SECONDARY's former key …{lost.Id} is in no slot any more: `{KeyRetirement.Command(lost.Id)}` deletes it at Google."],
            };
        }

        return (result, new KeyAtGoogle(_mayExist ? wanted.Name : null, _key?.Id));
    }

    private async Task<RotationResult> RehearseAsync(CancellationToken cancellationToken)
    {
        var list = await google.ListAsync(wanted.Project, null, cancellationToken);
        return list.Fault?.Explain("list keys", wanted.Project) ?? new RotationResult(RotationOutcome.Done, "SECONDARY holds the new key.")
        {
            Steps = [new RotationStep(wanted.Text), new RotationStep("SECONDARY := the new key, once it answers")],
        };
    }

    private async Task<RotationResult> MakeAndStoreAsync(CancellationToken cancellationToken)
    {
        session.Terminal.Say($"Creating {wanted.Words}.");
        _mayExist = true;
        if ((await google.CreateAsync(wanted, cancellationToken)).Fault is { } fault)
        {
            _mayExist = !fault.IsFinal;
            return fault.Explain("create a key", wanted.Project);
        }

        var answer = await google.GetKeyStringAsync(wanted.Name, cancellationToken);
        if (answer.Fault is { } unread)
        {
            return unread.Explain("read the new key", wanted.Project);
        }

        (_key, var refusal) = ApiKey.Create(answer.Text("keyString") ?? "");
        if (_key is null)
        {
            return new RotationResult(RotationOutcome.Failed, $"What Google gave as the new key {refusal}.");
        }

        var stored = await session.Rotator.SetAsync(KeySlot.Secondary, _key, isJustMade: true, cancellationToken);
        return stored.Outcome == RotationOutcome.Done
            ? stored with { Steps = [new RotationStep(wanted.Text), .. stored.Steps] }
            : stored;
    }

    /// <summary>Deletes what was made, unless a slot holds it after all. Not cancelled: Ctrl-C is one of the reasons to come here.</summary>
    private async Task<string> DiscardAsync()
    {
        if (!_mayExist)
        {
            return "No key was made.";
        }

        using var patience = new CancellationTokenSource(CleanUpPatience, session.Time);
        try
        {
            if (_key is { } key)
            {
                var reading = await session.Rotator.ReadAsync(patience.Token);
                if (reading.Failure is not null)
                {
                    return $"It isn't known whether a slot holds the new key …{key.Id}, so it stays at Google: if `edgectl keys` doesn't show it, `edgectl retire --key {wanted.Name}` deletes it.";
                }

                if (reading.Slots.FirstOrDefault(slot => slot.Holds(key)) is { } holder)
                {
                    return $"{holder.Text} holds the new key all the same; at Google it is {wanted.Name}.";
                }
            }

            return (await google.DeleteAsync(wanted.Name, patience.Token)).Fault switch
            {
                null => $"The new key {wanted.Id} is deleted at Google again.",
                { IsNotFound: true } => $"Google doesn't find the new key {wanted.Id}: if it shows up, `edgectl retire --key {wanted.Name}` deletes it.",
                _ => Left(),
            };
        }
        catch (OperationCanceledException)
        {
            return Left();
        }
    }

    private string Left() => $"The new key {wanted.Id} may be left over at Google: `edgectl retire --key {wanted.Name}` deletes it.";

    private ApiKey? Lost(IEnumerable<SlotView> slots) =>
        slots.Single(view => view.Slot.Slot == KeySlot.Secondary) is { Mark: not "due", Slot.Key: { } former } && !former.Equals(_key) ? former : null;
}
