using System.Collections.Immutable;
using GeminiEdge.Cli.GoogleApiKeys;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Leak;

/// <summary>The answer to a leak, from the first minute to the sixtieth.</summary>
internal sealed class LeakRun(Session session, LeakWishes wishes)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // What anybody can do with the key weighs more than what an edge may do with it.
    private static readonly ImmutableArray<RotationOutcome> Worst = [RotationOutcome.Failed, RotationOutcome.StillTaken, RotationOutcome.NotConverged, RotationOutcome.Done];

    private readonly LeakClock _clock = new(session.Terminal, session.Time);
    private readonly DateTimeOffset _began = session.Time.GetUtcNow();
    private readonly List<RotationStep> _steps = [];
    private readonly List<string> _warnings = [];
    private readonly List<string> _left = [];
    private bool _inputIsUsed;
    private RotationOutcome _outcome = RotationOutcome.Done;

    // What is known once the vault is done with.
    private RotationResult? _contained;
    private Containment? _containment;
    private TimeSpan _waited;
    private ImmutableArray<DailyUse>? _use;
    private ImmutableArray<SlotState>? _after;
    private ApiKey? _key;
    private Verdict? _verdict;

    private string KeyId => _contained!.LeakedId!;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AnswerAsync(cancellationToken);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested && _contained is not null)
        {
            // It may have been stopped while it stored a new SECONDARY.
            var stopped = (e as RotationStopped)?.Result;
            Keep(stopped);
            var rest = $"Stopped after the vault was done: `edgectl leak {wishes.Slot.Name()} --key-id {KeyId}` does the rest.";
            session.Keep(Result(RotationOutcome.Stopped, $"{rest} {stopped?.Message}".TrimEnd()), Facts());
            session.Terminal.Say($"edgectl: {rest}");
            throw;
        }
    }

    private async Task<int> AnswerAsync(CancellationToken cancellationToken)
    {
        // 1. Out of use. Nothing that can fail elsewhere comes before it.
        _clock.Begin(1, $"another key goes into {wishes.Slot.Name()}; the leaked one leaves the vault and every ring");
        var contained = await ContainAsync(cancellationToken);
        if (contained is not { LeakedId: not null, Outcome: RotationOutcome.Done or RotationOutcome.NotConverged } || session.DryRun)
        {
            return session.Report(contained);
        }

        (_contained, _key, _after, _waited) = (contained, contained.Leaked, contained.After, _clock.Elapsed);
        _containment = await MeasureAsync(cancellationToken);
        _clock.End(1, "contain", $"{contained.Message} {_containment.Sentence}");
        _clock.End(1, "references", await ReferenceRefresh.RunAsync(wishes.Site, session.Credential, wishes.Management, session.Time, cancellationToken));

        // 2. Dead, and another in its place.
        var (google, project, why) = await wishes.OpenGoogleAsync(session, cancellationToken);
        using (google)
        {
            _clock.Begin(5, $"the key …{KeyId} is deleted at Google: one that is only disabled can come back");
            await KillAsync(google, project, why, cancellationToken);
            _clock.Begin(15, "a new key for SECONDARY");
            await ReplaceAsync(google, project, cancellationToken);
        }

        // 3. What was done with it, and where it lies about.
        _clock.Begin(30, "look at what was done with it");
        _containment = await MeasureAsync(cancellationToken);
        Judge();
        _clock.End(30, "usage", LeakAdvice.Usage(_clock, KeyId, _use));
        _clock.Begin(60, "take it out of the history of every repository");
        await ForgetAsync(cancellationToken);

        return session.Report(
            Result(_outcome, $"{contained.Message} {_containment.Sentence}{(_outcome == RotationOutcome.Done ? "" : $" But not all is done: {string.Join("; ", _left)}.")}"), leak: Facts());
    }

    /// <summary>What the register says now: those who lagged may have read the ring meanwhile, and a late attempt may be counted.</summary>
    private async Task<Containment> MeasureAsync(CancellationToken cancellationToken)
    {
        if (session.Register is null)
        {
            return Containment.Unproven(_waited, "No fleet register is named (--fleet) to measure by.");
        }

        var (rows, failure) = await session.Register.ReadAsync(cancellationToken);
        if (failure is not null || rows.IsEmpty)
        {
            return Containment.Unproven(_waited, failure?.Message ?? "The fleet register holds no instance.");
        }

        var now = session.Time.GetUtcNow();
        _use = DailyUse.Of(rows, now);
        return Containment.Of(rows, _contained!.Laggards, KeyId, _began, now);
    }

    private void Judge()
    {
        if (_containment!.IsMeasured || (_containment.IsContained && _contained!.Outcome == RotationOutcome.Done))
        {
            return;
        }

        Worsen(RotationOutcome.NotConverged, $"an edge may still use …{KeyId}");
        _warnings.Add(_containment.Sentence);
        _clock.Say(_containment.Sentence);
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

    private async Task KillAsync(GoogleKeys? google, string? project, string? why, CancellationToken cancellationToken)
    {
        RotationResult end;
        if (google is not null)
        {
            (end, _, var value) = await new ApiRetirement(session, google, project!).RetireAsync(null, KeyId, _key, isSettled: true, cancellationToken);
            _key ??= value;
            Keep(end);
            _verdict = await AskAsync(cancellationToken);
        }
        else
        {
            end = new RotationResult(RotationOutcome.StillTaken, $"{(why is null ? "" : $"{why} ")}Delete the key …{KeyId} at {ByHand.Page}.");
            _verdict = await SeeItDieAsync(end, cancellationToken);
        }

        var isDead = KeyRetirement.IsDead(_verdict);
        var taken = $"Google {(_verdict == Verdict.Ok ? "still takes" : "may still take")} the key …{KeyId}";
        if (!isDead && end.Outcome != RotationOutcome.Done)
        {
            Worsen(RotationOutcome.StillTaken, taken);
            _warnings.Add($"{taken}. {end.Message} Then `edgectl retire --wait` shows that it is dead.");
        }

        _clock.End(5, "delete", isDead && google is not null ? $"Google refuses the key …{KeyId}: {Consequence.Of(_verdict!.Value).Name}."
            : isDead ? $"Google refuses the key …{KeyId}: {Consequence.Of(_verdict!.Value).Name}. Whether it is deleted, or can come back, {ByHand.Page} shows."
            : google is null && WaitsForPerson ? $"{taken}." : end.Message);
    }

    /// <summary>Somebody sits there who can be told, and waited for, while the key is asked.</summary>
    private bool WaitsForPerson => _key is not null && !session.Terminal.Input.IsRedirected;

    private async Task<Verdict?> AskAsync(CancellationToken cancellationToken) => _key is null ? null : await new KeyRetirement(session).AskAsync(_key, cancellationToken);

    /// <summary>Who is told to delete a key is given the time, and sees that it is dead.</summary>
    private async Task<Verdict?> SeeItDieAsync(RotationResult toDo, CancellationToken cancellationToken)
    {
        var verdict = await AskAsync(cancellationToken);
        if (KeyRetirement.IsDead(verdict) || !WaitsForPerson)
        {
            return verdict;
        }

        _clock.Say($"{toDo.Message} Press Enter when that is done: the key is asked until Google refuses it.");
        await ReadLineAsync(cancellationToken);
        return await new KeyRetirement(session).DiesAsync(_key!, Patience, cancellationToken);
    }

    private async Task ReplaceAsync(GoogleKeys? google, string? project, CancellationToken cancellationToken)
    {
        var slots = _after!.Value;
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
        else if (!wishes.NoNewKey && !(_inputIsUsed && session.Terminal.Input.IsRedirected))
        {
            _clock.Say($"Make a key at {ByHand.Page}, in a project of its own if you can. {(session.Terminal.Input.IsRedirected
                ? "It is taken from standard input, if one comes." : "Paste it here, or press Enter to go on without one: SECONDARY then has no key of its own.")}");
            _inputIsUsed = true;
            var (fresh, _) = await KeyInput.ReadAsync(session.Terminal, "The new key of SECONDARY", cancellationToken);
            end = fresh is null ? null : await session.Terminal.WorkAsync(() => session.Rotator.SetAsync(KeySlot.Secondary, fresh, cancellationToken));
        }

        if (end is { Outcome: RotationOutcome.Done })
        {
            Keep(end);
            _clock.End(15, "standby", "SECONDARY holds a new key.");
            return;
        }

        Worsen(end is null ? RotationOutcome.Done : RotationOutcome.Failed, "SECONDARY has no key of its own");
        var due = $"{(end is null ? "" : $"{end.Message} ")}A new SECONDARY is due: `edgectl issue`, or `edgectl set SECONDARY`.";
        _warnings.Add(due);
        _clock.End(15, "standby", due);
    }

    private async Task ForgetAsync(CancellationToken cancellationToken)
    {
        if (_key is null)
        {
            _clock.End(60, "history", LeakAdvice.History);
            return;
        }

        HistoryRewrite written;
        try
        {
            written = HistoryRewrite.Write(_key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // All that is urgent is done, and its record must not be lost for this.
            var unwritten = $"The replacement file could not be written to {Path.GetTempPath()} ({e.GetType().Name}). {LeakAdvice.ByHand}";
            _warnings.Add(unwritten);
            _clock.End(60, "history", unwritten);
            return;
        }

        using var rewrite = written;
        foreach (var command in rewrite.Commands)
        {
            _clock.Say(command);
        }

        if (!session.Terminal.Input.IsRedirected || !_inputIsUsed)
        {
            _clock.Say(session.Terminal.Input.IsRedirected
                ? "The file is removed with the next line, or the end, of standard input."
                : "Press Enter when that is done: the file, which holds the key, is removed then.");
            await ReadLineAsync(cancellationToken);
        }

        _clock.End(60, "history", "The replacement file is removed.");
    }

    // Reading a pipe blocks its thread, and can't be cancelled, only left: Ctrl-C must still remove the file.
    private Task<string?> ReadLineAsync(CancellationToken cancellationToken) => Task.Run(session.Terminal.Input.ReadLine, cancellationToken).WaitAsync(cancellationToken);

    /// <param name="left">What is not done, if anything is.</param>
    private void Worsen(RotationOutcome outcome, string left)
    {
        _left.Add(left);
        _outcome = Worst.First(worst => worst == _outcome || worst == outcome);
    }

    /// <summary>What a command within this one did to the vault and at Google.</summary>
    private void Keep(RotationResult? part)
    {
        _steps.AddRange((part?.Steps ?? []).Select(step => step with { At = step.At ?? session.Time.GetUtcNow() }));
        _after = part?.After ?? _after;
    }

    private RotationResult Result(RotationOutcome outcome, string message) => _contained! with
    {
        Outcome = outcome,
        Message = message,
        Steps = [.. _contained.Steps, .. _steps],
        Warnings = [.. _contained.Warnings, .. _warnings],
        After = _after,
    };

    private LeakFacts Facts() => new(KeyId, _containment ?? Containment.Unproven(_waited, "It was not measured."), _clock.Stages, _verdict, _use);
}
