using System.Globalization;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Drill;

/// <summary>What goes wrong in a <see cref="RotationDrill"/>.</summary>
internal enum RotationTrouble
{
    /// <summary>The new key passes its probe and fails in traffic.</summary>
    BadKey,

    /// <summary>Gemini is overloaded for every key, for a while.</summary>
    Outage,
}

/// <summary>One rotation as `edgectl rotate` does it, under load, and what the watch makes of the trouble.</summary>
internal sealed class RotationDrill(RotationTrouble trouble, DrillPace pace, bool json, Terminal terminal, TimeProvider time)
{
    // The watch judges by how answers end, not by how many there are: the whole drill is the one that presses.
    private const int RequestsPerSecond = 250;

    private static readonly TimeSpan Watched = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);

    // An outage as short as the edges' patience would fail nobody, and the watch would have nothing to judge.
    private static readonly TimeSpan BeyondPatience = TimeSpan.FromSeconds(5);

    private readonly DrillClock _clock = new(terminal, time);

    /// <returns>The exit code: 0 only if the watch did the right thing and no request failed that any key could have answered.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        _clock.Say("start the simulators of Gemini, Key Vault and Table storage, and four edges");
        await using var bed = await DrillBed.StartAsync(time, cancellationToken);
        string? problem;
        using (_clock.Show("waiting for the edges"))
        {
            problem = await bed.StartEdgesAsync(pace.RefreshInterval, cancellationToken);
        }

        if (problem is not null)
        {
            return DrillEnd.Report(terminal, json, "", problem);
        }

        var tally = new Tally();
        using var client = new EdgeClient(bed.ClientKey, time);
        using var load = new DrillLoad(bed.Edges, client, tally, time, RequestsPerSecond);
        _clock.Say($"start the load: up to {RequestsPerSecond} requests a second, whole and streamed");
        load.Start();
        var (former, next) = (bed.Writes.Last(KeySlot.Primary).KeyId, bed.Writes.Last(KeySlot.Secondary).KeyId);
        RotationResult result;
        using (_clock.Count(tally))
        {
            await Task.Delay(Calm, time, cancellationToken);
            result = await RotateAsync(bed, tally, next!, cancellationToken);
            await load.FinishAsync(0, cancellationToken);
        }

        return Report(tally.Result(), result, isRolledBack: bed.Writes.Last(KeySlot.Primary).KeyId == former);
    }

    private async Task<RotationResult> RotateAsync(DrillBed bed, Tally tally, string next, CancellationToken cancellationToken)
    {
        using var upstream = DrillRun.Upstream(bed, time, out var options);
        var register = bed.Operator.Register(bed.Tables, bed.App);
        var rotator = new Rotator(bed.Operator.Client, new KeyProbe(options, upstream, time), time,
            new RotatorOptions { Operator = "drill", RefreshInterval = pace.RefreshInterval, Fleet = register.ReadAsync }, line => _clock.Say($"  {line}"));
        if (trouble == RotationTrouble.BadKey)
        {
            _clock.Say("the key in SECONDARY passes its probe, and will be refused in traffic");
            bed.RefuseTraffic(next);
        }

        _clock.Say("promote");
        var promoted = await rotator.PromoteAsync(KeySlot.Primary, replaceOld: false, cancellationToken);
        if (promoted.Outcome != RotationOutcome.Done)
        {
            return promoted;
        }

        var watch = new Watch(rotator, register.ReadAsync, time, line => _clock.Say($"  {line}")).RunAsync(Watched, cancellationToken);
        if (trouble == RotationTrouble.Outage)
        {
            await OutageAsync(bed, tally, cancellationToken);
        }

        return await watch;
    }

    private async Task OutageAsync(DrillBed bed, Tally tally, CancellationToken cancellationToken)
    {
        await Task.Delay(Calm, time, cancellationToken);
        var length = pace.Outage + BeyondPatience;
        _clock.Say($"Gemini is overloaded for every key, for {length.TotalSeconds:0} s");
        tally.OutageBegan = time.GetUtcNow();
        bed.Overload(true);
        await Task.Delay(length, time, cancellationToken);
        bed.Overload(false);
        tally.OutageEnded = time.GetUtcNow();
        _clock.Say("Gemini answers again");
    }

    private int Report(LoadResult load, RotationResult result, bool isRolledBack)
    {
        var isRight = trouble == RotationTrouble.BadKey
            ? isRolledBack && result.Outcome == RotationOutcome.Failed
            : !isRolledBack && result.Outcome == RotationOutcome.Done && load.FailedInOutage > 0;
        if (json)
        {
            JsonReport.Write(terminal, writer =>
            {
                writer.WriteNumber("sent", load.Sent);
                writer.WriteNumber("answered", load.Answered);
                writer.WriteNumber("failed", load.Failed);
                writer.WriteNumber("failed_in_outage", load.FailedInOutage);
                writer.WriteNumber("failed_over", load.FailedOver);
                writer.WriteBoolean("rolled_back", isRolledBack);
                writer.WriteBoolean("as_it_should", isRight);
                writer.WriteString("message", result.Message);
            });
        }
        else
        {
            terminal.Print(string.Create(CultureInfo.InvariantCulture,
                $"{load.Sent:N0} requests sent, {load.Answered:N0} answered ({load.FailedOver:N0} by another key than the first), {load.FailedInOutage:N0} failed while no key worked, {load.Failed:N0} failed otherwise"));
            terminal.Print(result.Message);
        }

        foreach (var fault in load.Faults)
        {
            terminal.Say($"edgectl: failed at {fault.Ended:HH:mm:ss.fff}: {fault.Question.Name}, {fault.Fault}");
        }

        string[] faults =
        [
            .. isRight ? [] : new[] { $"The rotation should have been {(trouble == RotationTrouble.BadKey ? "rolled back" : "kept while requests failed")}: {result.Message}" },
            .. load.Failed == 0 ? [] : new[] { $"{load.Failed} requests failed that a key could have answered." },
        ];
        return DrillEnd.Report(terminal, json, trouble == RotationTrouble.BadKey
            ? "the bad key was rolled back by itself, and no request failed."
            : "nothing was rolled back in the outage, and no request failed that a key could have answered.", faults);
    }
}
