using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>
/// One run at a time. Key Vault has no conditional write, so every run writes a version of its own, lets a moment
/// pass in which others' become visible, and then all agree on which was the earliest.
/// </summary>
internal sealed class RotationLock(RotationStore store, RotationCommand command, RotatorOptions options, Retention retention, TimeProvider time, Action<string> progress)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan RenewAfter = TimeSpan.FromSeconds(30);

    /// <summary>Longer than a write is on its way from the look at the lock that allowed it: 2 s, and 2.5 s for the call.</summary>
    private static readonly TimeSpan Visible = TimeSpan.FromSeconds(5);

    /// <summary>How far a clock may be off the vault's before its expiries can't be trusted.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(30);

    private readonly PatientRead _patient = new(time, progress);
    private RotationRecord? _own;

    /// <returns>Null once it is held; otherwise who holds it.</returns>
    public async Task<string?> AcquireAsync(CancellationToken cancellationToken)
    {
        // 1. Nobody is disturbed who is at work, except by an emergency.
        var before = await ReadAsync(cancellationToken);
        for (; Rival(before) is { } rival; before = await ReadAsync(cancellationToken))
        {
            if (rival.Operator != options.Operator)
            {
                return Held(rival);
            }

            progress($"Your {rival.Command} of {rival.CreatedOn:HH:mm:ss} UTC still holds the lock, until {rival.Expiry:HH:mm:ss} UTC at most: waiting.");
            await Task.Delay(Visible, time, cancellationToken);
        }

        // 2. Ask for it.
        var tags = ImmutableDictionary<string, string>.Empty
            .Add(RotationTags.Id, command.Id)
            .Add(RotationTags.Operator, options.Operator)
            .Add(RotationTags.Command, command.Name)
            .Add(RotationTags.Expiry, RotationTags.Time(time.GetUtcNow() + Lifetime));
        tags = command.Slot is { } slot ? tags.Add(RotationTags.Slot, slot.Name()) : tags;
        tags = command.Watch is { } watch ? tags.Add(RotationTags.Watch, PendingWatch.Text(watch)) : tags;
        tags = command.TakesOver ? tags.Add(RotationTags.TakesOver, "true") : tags;
        tags = RotationTags.OnRecord(before is [.., var former] ? former.Tags : SecretTerms.None.Tags, tags);
        var version = await WriteAsync(tags, before is [.., var last] ? last.ContentType : null, cancellationToken);
        _own = new RotationRecord(version, time.GetUtcNow(), tags);

        // 3. See who else did.
        progress("Waiting 5 s for the lock.");
        await Task.Delay(Visible, time, cancellationToken);
        var records = await ReadAsync(cancellationToken);
        var why = WhyClockIsWrong(records);
        if (why is null && WhyLost(records) is null)
        {
            return null;
        }

        await ReleaseAsync("refused", cancellationToken);
        return why is not null ? why : RotationRecord.Holder(records, time.GetUtcNow()) is { } holder ? Held(holder) : "The lock was lost as soon as it was taken: run it again.";
    }

    /// <summary>Whether a write is still allowed, by what was just read.</summary>
    public string? WhyLost(ImmutableArray<RotationRecord> records)
    {
        var now = time.GetUtcNow();
        if (RotationRecord.Holder(records, now) is not { } holder)
        {
            return "The lock ran out, because a call took minutes: run it again.";
        }

        // By the run, not the version: a write that was sent twice has made two.
        return holder.Id == command.Id ? null : $"Overtaken by the {holder.Command} of {holder.Operator}: look at the slots with `edgectl keys`, then run it again if it is still needed.";
    }

    // Expiries are compared across machines.
    private string? WhyClockIsWrong(ImmutableArray<RotationRecord> records)
    {
        var offset = records.FirstOrDefault(record => record.Version == _own!.Version)?.CreatedOn - _own!.CreatedOn;
        return offset?.Duration() > ClockTolerance
            ? $"This machine's clock is {offset.Value.Duration().TotalSeconds:0} s {(offset > TimeSpan.Zero ? "behind" : "ahead of")} the vault's, and locks and expiries rest on it: set it right first."
            : null;
    }

    /// <summary>Keeps the lock; one that has run out may be another's by now, and is left to be found lost.</summary>
    public async Task RenewIfDueAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_own!.Expiry - now > Lifetime - RenewAfter || !_own.IsLive(now))
        {
            return;
        }

        await TagAsync(_own.Tags.SetItem(RotationTags.Expiry, RotationTags.Time(now + Lifetime)), cancellationToken);
    }

    /// <summary>Notes something beside the lock, for whoever reads the record later.</summary>
    public Task NoteAsync(string tag, string value, CancellationToken cancellationToken) => TagAsync(_own!.Tags.SetItem(tag, value), cancellationToken);

    /// <param name="resumed">The earlier rotation that this run ended: one write ends both.</param>
    /// <param name="leaked">The key that the run took out: its slot may not say so for long.</param>
    public Task ReleaseAsync(string how, CancellationToken cancellationToken, string? resumed = null, LeakMark? leaked = null)
    {
        var tags = _own!.Closed(how).Tags;
        tags = resumed is null ? tags : tags.SetItem(RotationTags.Id, resumed);
        return TagAsync(leaked?.AddTo(tags) ?? tags, cancellationToken);
    }

    /// <summary>The run has stopped and writes no more: the rotation stays unfinished, and whoever finishes it need not wait.</summary>
    public async Task LetGoAsync()
    {
        if (_own is null)
        {
            return;
        }

        try
        {
            await ReleaseAsync("stopped", CancellationToken.None);
        }
        catch (VaultFault)
        {
            // Then it runs out by itself.
        }
    }

    /// <summary>The live record that a new one of this command would have to give way to.</summary>
    public RotationRecord? Rival(ImmutableArray<RotationRecord> records) =>
        RotationRecord.Holder(records.Where(record => record.Rank >= RotationCommand.RankOf(command.Name)), time.GetUtcNow());

    public static string Held(RotationRecord holder) =>
        $"{holder.Operator} has been running {holder.Command} since {holder.CreatedOn:HH:mm:ss} UTC: wait until it is done, or until {holder.Expiry:HH:mm:ss} UTC at most.";

    /// <summary>It is the first write of a run, and so the one that learns what the vault's policy demands of all of them.</summary>
    private async Task<string> WriteAsync(ImmutableDictionary<string, string> tags, string? contentType, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await store.WriteAsync(RotationRecord.Secret, command.Id, retention.ForRecord(tags, contentType, time.GetUtcNow()), cancellationToken);
            }
            catch (VaultFault fault) when (retention.Learn(fault))
            {
                progress(OperatorFault.Learned(fault));
            }
        }
    }

    private Task<ImmutableArray<RotationRecord>> ReadAsync(CancellationToken cancellationToken) =>
        _patient.DoAsync(() => store.ReadRecordsAsync(cancellationToken), cancellationToken);

    private async Task TagAsync(ImmutableDictionary<string, string> tags, CancellationToken cancellationToken)
    {
        _own = _own! with { Tags = tags };
        await store.TagAsync(RotationRecord.Secret, _own.Version, _own.Tags, cancellationToken);
    }
}
