using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>The same without Google credentials: says what to do in AI Studio, and does the rest.</summary>
internal sealed class ByHand(Session session)
{
    public const string Page = "https://aistudio.google.com/apikey";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Takes a key that a person made, and stores it as SECONDARY.</summary>
    public async Task<int> IssueAsync(CancellationToken cancellationToken)
    {
        session.Terminal.Say($"1. Open {Page} and choose \"Create API key\".");
        session.Terminal.Say("2. Choose a project of its own for it, if you can: the keys of one project share its quota.");
        session.Terminal.Say("3. Copy the key, and paste it here.");
        if (session.DryRun)
        {
            return session.Report(new RotationResult(RotationOutcome.Done, "SECONDARY holds the new key.")
            {
                Steps = [new RotationStep("wait for the key"), new RotationStep("SECONDARY := the new key, once it answers")],
            });
        }

        var (key, refusal) = await KeyInput.ReadAsync(session.Terminal, "The new key of SECONDARY", cancellationToken);
        return session.Report(
            key is null
                ? new RotationResult(RotationOutcome.Refused, $"{refusal} Nothing was written.")
                : await session.Terminal.WorkAsync(() => session.Rotator.SetAsync(KeySlot.Secondary, key, cancellationToken)),
            new KeyAtGoogle(null, key?.Id));
    }

    /// <summary>Says where to delete a key, if it may go; with its value, waits until it is gone.</summary>
    /// <param name="keyId">Its last four characters; null where its value is waited for.</param>
    public async Task<int> RetireAsync(string? keyId, bool wait, CancellationToken cancellationToken)
    {
        ApiKey? key = null;
        if (wait)
        {
            session.Terminal.Say($"Copy the key{(keyId is null ? "" : $" …{keyId}")} from {Page}, and paste it here: it is probed until it is gone.");
            (key, var refusal) = await KeyInput.ReadAsync(session.Terminal, "The key to retire", cancellationToken);
            if (key is null || (keyId is not null && key.Id != keyId))
            {
                return session.Report(KeyRetirement.Refused(key is null ? $"{refusal} Nothing was done." : $"The key that came is …{key.Id}, not …{keyId}. Nothing was done."));
            }
        }

        var id = key?.Id ?? keyId!;
        var retirement = new KeyRetirement(session);
        var end = await retirement.WhyNotAsync(candidate => key is null ? candidate.Id == id : candidate.Equals(key), id, isSettled: false, cancellationToken);
        return session.Report(end ?? await DeleteAsync(retirement, key, id, cancellationToken), new KeyAtGoogle(null, id));
    }

    private async Task<RotationResult> DeleteAsync(KeyRetirement retirement, ApiKey? key, string id, CancellationToken cancellationToken)
    {
        var way = $"Delete the key …{id} at {Page}";
        if (key is null || session.DryRun)
        {
            return new RotationResult(RotationOutcome.Done, $"{way}: no slot holds it, and another key works.");
        }

        session.Terminal.Say($"{way}; this waits until it is gone.");
        var verdict = await retirement.DiesAsync(key, Patience, cancellationToken);
        return KeyRetirement.IsDead(verdict)
            ? new RotationResult(RotationOutcome.Done, $"The key …{id} is retired: Google refuses it.")
            : new RotationResult(RotationOutcome.StillTaken, $"Google has not refused the key …{id} within {Patience.TotalMinutes:0} min (it {KeyRetirement.Unrefused(verdict)}): delete it, and run the same command again.");
    }
}
