using System.Collections.Immutable;
using System.Globalization;
using GeminiEdge.Keys;
using GeminiEdge.Rotation;
using GeminiEdge.Verdicts;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>What holds for every key that is to go: no slot may hold it, another must work, and it must be seen to die.</summary>
internal sealed class KeyRetirement(Session session)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

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
        var settled = slots.Max(view => view.Slot.CreatedOn) + session.Settling - session.Time.GetUtcNow();
        if (!isSettled && settled > TimeSpan.Zero && !session.DryRun)
        {
            session.Terminal.Say($"Waiting {settled.Value.TotalSeconds:0} s until every edge has read what was written last.");
            await Task.Delay(settled.Value, session.Time, cancellationToken);
        }

        var probed = await session.ProbeAsync([.. slots.Where(view => view.Slot.Slot != KeySlot.Old)], cancellationToken);
        if (!probed.Any(view => view.Probe?.Verdict == Verdict.Ok))
        {
            return Refused($"No slot holds a key that passes its probe, so the key …{keyId} stays: store a working key first with `edgectl set PRIMARY`.");
        }

        // All that took its time: somebody may have stored the key meanwhile.
        (failure, slots) = await session.ReadSlotsAsync(cancellationToken);
        return failure ?? Held(slots, isIt, keyId);
    }

    /// <summary>Asks with the key until Google refuses it.</summary>
    /// <returns>Whether it did.</returns>
    public async Task<bool> DiesAsync(ApiKey key, TimeSpan patience, CancellationToken cancellationToken)
    {
        var started = session.Time.GetTimestamp();
        while (true)
        {
            var probe = await session.Probe.ProbeAsync(KeySlot.Old, key, null, cancellationToken);
            if (probe.Verdict is Verdict.KeyInvalid or Verdict.KeyLeaked or Verdict.KeyBlocked)
            {
                return true;
            }

            if (session.Time.GetElapsedTime(started) >= patience)
            {
                return false;
            }

            session.Terminal.Say($"probe the key …{key.Id}: {(probe.Verdict == Verdict.Ok ? "still answers" : Consequence.Of(probe.Verdict).Name)}; once more in {Pause.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s.");
            await Task.Delay(Pause, session.Time, cancellationToken);
        }
    }

    /// <summary>What a person types: an id may begin like an option.</summary>
    public static string Command(string keyId) => $"edgectl retire {(keyId.StartsWith('-') ? "-- " : "")}{keyId}";

    public static RotationResult Refused(string message) => new(RotationOutcome.Refused, message);

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
