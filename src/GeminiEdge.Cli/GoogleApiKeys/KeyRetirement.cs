using System.Collections.Immutable;
using System.Globalization;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>What holds for every key that is to go: no slot may hold it, another must work, and it must be seen to die.</summary>
internal sealed class KeyRetirement(Session session)
{
    private const int Tries = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Whether Google's answer proves that the key is dead. A blocked one may only be blocked from here.</summary>
    public static bool IsDead(Verdict? verdict) => verdict is Verdict.KeyInvalid or Verdict.KeyLeaked;

    /// <summary>Why it may not go, judged by the slots and by probes of their keys.</summary>
    /// <param name="isIt">Whether a slot's key is the one.</param>
    /// <param name="isSettled">Nobody need wait for the edges: they have read what was written last, or are not waited for.</param>
    public async Task<RotationResult?> WhyNotAsync(Func<ApiKey, bool> isIt, string keyId, bool isSettled, CancellationToken cancellationToken)
    {
        var (failure, slots) = await session.ReadSlotsAsync(cancellationToken);
        if ((failure ?? Held(slots, isIt, keyId)) is { } end)
        {
            return end;
        }

        // What left a slot a moment ago is still used.
        var readBy = (slots.Max(view => view.Slot.CreatedOn) ?? DateTimeOffset.MinValue) + session.Settling;
        var settled = readBy - session.Time.GetUtcNow();
        if (!isSettled && settled > TimeSpan.Zero && !session.DryRun)
        {
            session.Terminal.Say($"Waiting {settled.TotalSeconds:0} s until every edge has read what was written last.");
            using var shown = session.Terminal.Show(() => $"{Math.Max(0, (readBy - session.Time.GetUtcNow()).TotalSeconds):0} s left; Ctrl-C stops", Second);
            await Task.Delay(settled, session.Time, cancellationToken);
        }

        if (!await AnyWorksAsync([.. slots.Where(view => view.Slot.Slot != KeySlot.Old)], cancellationToken))
        {
            return Refused($"No slot holds a key that passes its probe, so the key …{keyId} stays: store a working key first with `edgectl set PRIMARY`.");
        }

        // All that took its time: somebody may have stored the key meanwhile.
        (failure, slots) = await session.ReadSlotsAsync(cancellationToken);
        return failure ?? Held(slots, isIt, keyId);
    }

    /// <summary>Asks with the key, and again where the answer says nothing of it.</summary>
    public async Task<Verdict> AskAsync(ApiKey key, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var verdict = (await session.Probe.ProbeAsync(KeySlot.Old, key, null, cancellationToken)).Verdict;
            if (!SaysNothing(verdict) || tries == Tries)
            {
                return verdict;
            }

            session.Terminal.Say(Again($"the key …{key.Id}", verdict));
            await Task.Delay(Pause, session.Time, cancellationToken);
        }
    }

    /// <summary>Asks with the key until Google refuses it.</summary>
    /// <returns>The last answer: <see cref="IsDead"/> says whether it did.</returns>
    public async Task<Verdict> DiesAsync(ApiKey key, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = session.Time.GetTimestamp();
        Verdict? said = null;
        using var shown = session.Terminal.Show(
            () => $"Asking the key …{key.Id} until Google refuses it, {Math.Max(0, (patience - session.Time.GetElapsedTime(started)).TotalSeconds):0} s left; Ctrl-C stops", Second);
        while (true)
        {
            var verdict = (await session.Probe.ProbeAsync(KeySlot.Old, key, null, cancellationToken)).Verdict;
            if (IsDead(verdict) || session.Time.GetElapsedTime(started) >= patience)
            {
                return verdict;
            }

            if (verdict != said)
            {
                said = verdict;
                session.Terminal.Say($"The key …{key.Id} {Unrefused(verdict)}: it is asked again until Google refuses it, for {patience.TotalSeconds:0} s at most.");
            }

            await Task.Delay(Pause, session.Time, cancellationToken);
        }
    }

    /// <summary>What a person types: an id may begin like an option.</summary>
    public static string Command(string keyId) => $"edgectl retire {(keyId.StartsWith('-') ? "-- " : "")}{keyId}";

    public static RotationResult Refused(string message) => new(RotationOutcome.Refused, message);

    /// <summary>How an answer is named that does not prove the key's death.</summary>
    public static string Unrefused(Verdict verdict) => verdict == Verdict.KeyBlocked
        ? "answers with key_blocked, which it may do from here alone"
        : verdict == Verdict.Ok ? "still answers" : $"says {Consequence.Of(verdict).Name}, and not that it is dead";

    /// <summary>Whether a key works, by as many probes as it takes for answers that say something of the keys.</summary>
    private async Task<bool> AnyWorksAsync(ImmutableArray<SlotView> slots, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var probed = await session.ProbeAsync(slots, cancellationToken);
            if (probed.Any(view => view.Probe?.Verdict == Verdict.Ok))
            {
                return true;
            }

            if (tries == Tries || probed.FirstOrDefault(view => view.Probe is { } probe && SaysNothing(probe.Verdict)) is not { } unknown)
            {
                return false;
            }

            session.Terminal.Say(Again(unknown.Slot.Text, unknown.Probe!.Value.Verdict));
            await Task.Delay(Pause, session.Time, cancellationToken);
        }
    }

    private static bool SaysNothing(Verdict verdict) => verdict is Verdict.Overloaded or Verdict.UpstreamError or Verdict.UpstreamTimeout or Verdict.Network;

    private static string Again(string what, Verdict verdict) =>
        $"probe {what}: {(verdict == Verdict.Ok ? "still answers" : Consequence.Of(verdict).Name)}; once more in {Pause.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s.";

    private static RotationResult? Held(ImmutableArray<SlotView> slots, Func<ApiKey, bool> isIt, string keyId)
    {
        var holders = slots.Where(view => view.Slot.Key is { } key && isIt(key)).Select(view => view.Slot.Slot).ToList();
        return holders.Count == 0 ? null : Refused(
            $"{string.Join(" and ", holders.Select(slot => slot.Name()))} still hold{(holders.Count == 1 ? "s" : "")} the key …{keyId}, so it stays. {Way(holders)}");
    }

    private static string Way(List<KeySlot> holders) => holders switch
    {
        [KeySlot.Old] => "`edgectl purge` empties OLD once its 24 hours have passed.",
        _ when holders.Contains(KeySlot.Primary) => "`edgectl issue` and `edgectl promote` put another in its place.",
        _ => "`edgectl issue`, or `edgectl set`, puts another in its place.",
    };
}
