using System.Collections.Immutable;
using GeminiEdge.Cli.GoogleApiKeys;
using GeminiEdge.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Verdicts;

namespace GeminiEdge.Cli.Leak;

/// <summary>The answer to a leak, from the first minute to the sixtieth.</summary>
internal sealed class LeakRun(Session session, LeakWishes wishes)
{
    private readonly LeakClock _clock = new(session.Terminal, session.Time);
    private readonly List<RotationStep> _steps = [];
    private readonly List<string> _warnings = [];
    private bool _inputIsUsed;
    private RotationOutcome _outcome = RotationOutcome.Done;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        // 1. Out of use. Nothing that can fail elsewhere comes before it.
        _clock.Begin(1, $"another key in the place of {wishes.Slot.Name()}'s, which leaves the vault and every ring");
        var contained = await ContainAsync(cancellationToken);
        if (contained.Outcome != RotationOutcome.Done || session.DryRun)
        {
            return session.Report(contained);
        }

        var took = _clock.Elapsed;
        var keyId = contained.Leaked?.Id ?? ReplacedId(contained);
        _clock.End(1, "contain", contained.Message);
        _clock.End(1, "references", await ReferenceRefresh.RunAsync(wishes.Site, session.Credential, wishes.Management, session.Time, cancellationToken));

        // 2. Dead, and another in its place.
        var (google, project, why) = await wishes.OpenGoogleAsync(session, cancellationToken);
        string? verdict;
        using (google)
        {
            _clock.Begin(5, $"the key …{keyId} dies at Google: delete it, a disabled one can come back");
            verdict = await KillAsync(google, project, why, keyId, contained.Leaked, cancellationToken);
            _clock.Begin(15, "a new standby");
            await ReplaceAsync(google, project, contained, cancellationToken);
        }

        // 3. What was done with it, and where it lies about.
        _clock.Begin(30, "look at what was done with it");
        LeakAdvice.Usage(_clock, keyId);
        _clock.End(30, "usage", "Where to look is said; nothing was compared here.");
        _clock.Begin(60, "take it out of the history of every repository");
        await ForgetAsync(contained.Leaked, cancellationToken);

        return session.Report(
            contained with { Outcome = _outcome, Message = Message(contained), Steps = [.. contained.Steps, .. _steps], Warnings = [.. contained.Warnings, .. _warnings] },
            leak: new LeakFacts(keyId, took, _clock.Stages, verdict));
    }

    private async Task<RotationResult> ContainAsync(CancellationToken cancellationToken)
    {
        var result = await LeakAsync(null, cancellationToken);
        if (!result.NeedsKey || session.DryRun)
        {
            return result;
        }

        session.Terminal.Say(result.Message);
        _inputIsUsed = true;
        var (key, refusal) = await KeyInput.ReadAsync(session.Terminal, "A new key to go on with", cancellationToken);
        return key is null
            ? new RotationResult(RotationOutcome.Refused, $"{result.Message} {refusal} Nothing was written.")
            : await LeakAsync(key, cancellationToken);
    }

    private Task<RotationResult> LeakAsync(ApiKey? standby, CancellationToken cancellationToken) =>
        session.Terminal.WorkAsync(() => session.Rotator.LeakAsync(wishes.Slot, wishes.KeyId, standby, cancellationToken));

    /// <returns>What Google last answered to the key; null when its value isn't known here.</returns>
    private async Task<string?> KillAsync(GoogleKeys? google, string? project, string? why, string keyId, ApiKey? key, CancellationToken cancellationToken)
    {
        RotationResult end;
        if (google is not null)
        {
            (end, _) = await new ApiRetirement(session, google, project!).RetireAsync(null, keyId, cancellationToken);
            _steps.AddRange(end.Steps);
        }
        else
        {
            end = new RotationResult(RotationOutcome.NotConverged, $"{(why is null ? "" : $"{why} ")}Delete the key …{keyId} at {ByHand.Page}.");
        }

        var verdict = key is null ? default(Verdict?) : (await session.Probe.ProbeAsync(KeySlot.Old, key, null, cancellationToken)).Verdict;

        // A blocked key may only be blocked from here.
        var isDead = verdict is Verdict.KeyInvalid or Verdict.KeyLeaked;
        if (!isDead && end.Outcome != RotationOutcome.Done)
        {
            Worsen(RotationOutcome.NotConverged);
            _warnings.Add($"Google may still take the key …{keyId}. {end.Message} Then `edgectl retire --wait` shows that it is dead.");
        }

        var name = verdict is { } known ? Consequence.Of(known).Name : null;
        _clock.End(5, "delete", isDead && google is not null ? $"Google refuses the key …{keyId}: {name}."
            : isDead ? $"Google refuses the key …{keyId}: {name}. Whether it is deleted, or can come back, {ByHand.Page} shows." : end.Message);
        return name;
    }

    private async Task ReplaceAsync(GoogleKeys? google, string? project, RotationResult contained, CancellationToken cancellationToken)
    {
        var slots = contained.After!.Value;
        if (slots[(int)KeySlot.Secondary].Key is { } key && !slots.Any(slot => slot.Slot != KeySlot.Secondary && slot.Holds(key)))
        {
            _clock.End(15, "standby", $"SECONDARY holds …{key.Id}, which no other slot does.");
            return;
        }

        RotationResult? end = null;
        if (google is not null && !wishes.NoNewKey)
        {
            (end, _) = await new KeyIssue(session, google, NewKey.Of(project!, null, null, session.Vault, session.Time.GetUtcNow())).IssueAsync(cancellationToken);
        }
        else if (!wishes.NoNewKey && !_inputIsUsed)
        {
            _clock.Say($"Make a key at {ByHand.Page}, in a project of its own if you can; nothing leaves SECONDARY due.");
            _inputIsUsed = true;
            var (fresh, _) = await KeyInput.ReadAsync(session.Terminal, "The new key of SECONDARY", cancellationToken);
            end = fresh is null ? null : await session.Terminal.WorkAsync(() => session.Rotator.SetAsync(KeySlot.Secondary, fresh, cancellationToken));
        }

        if (end is { Outcome: RotationOutcome.Done })
        {
            _steps.AddRange(end.Steps);
            _clock.End(15, "standby", "SECONDARY holds a new key.");
            return;
        }

        Worsen(end is null ? RotationOutcome.Done : RotationOutcome.Failed);
        var due = $"{(end is null ? "" : $"{end.Message} ")}A new SECONDARY is due: `edgectl issue`, or `edgectl set SECONDARY`.";
        _warnings.Add(due);
        _clock.End(15, "standby", due);
    }

    private async Task ForgetAsync(ApiKey? key, CancellationToken cancellationToken)
    {
        if (key is null)
        {
            _clock.End(60, "history", "The key's value is not known here any more, so no replacement file was written.");
            return;
        }

        using var rewrite = HistoryRewrite.Write(key);
        foreach (var command in rewrite.Commands)
        {
            _clock.Say(command);
        }

        if (!Console.IsInputRedirected || !_inputIsUsed)
        {
            _clock.Say("The file is removed with the next line from you, or the end of standard input.");
            await Console.In.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken);
        }

        _clock.End(60, "history", "The replacement file is removed.");
    }

    private void Worsen(RotationOutcome outcome) => _outcome = _outcome == RotationOutcome.Failed || outcome == RotationOutcome.Done ? _outcome : outcome;

    private string Message(RotationResult contained) => _outcome == RotationOutcome.Done ? contained.Message : $"{contained.Message} But not all is done: see the warnings.";

    private static string ReplacedId(RotationResult contained) => contained.After!.Value
        .Where(slot => slot.Rotation == contained.RotationId).Select(slot => slot.Tags.GetValueOrDefault(RotationTags.ReplacedId)).FirstOrDefault(id => id is not null) ?? "????";
}
