using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Drill;

/// <summary>The whole drill: sets up, runs the load and the story side by side, and reports.</summary>
internal sealed class DrillRun(DrillPace pace, bool json, Terminal terminal, TimeProvider time)
{
    private readonly DrillClock _clock = new(terminal, time);

    /// <returns>The exit code: 0 only if no request failed and the story was told to its end.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        _clock.Say("start the simulators of Gemini and Key Vault, and four edges");
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

        var evidence = await RunAsync(bed, cancellationToken);
        if (json)
        {
            EvidenceJson.Write(terminal, evidence);
        }
        else
        {
            EvidenceTable.Print(terminal, evidence);
        }

        return DrillEnd.Report(terminal, json, evidence.Passed, [.. evidence.Faults]);
    }

    private async Task<Evidence> RunAsync(DrillBed bed, CancellationToken cancellationToken)
    {
        var tally = new Tally();
        var started = time.GetUtcNow();
        using var client = new EdgeClient(bed.ClientKey, time);
        using var load = new DrillLoad(bed.Edges, client, tally, time);
        _clock.Say($"start the load: up to {DrillPace.RequestsPerSecond:N0} requests a second, whole and streamed");
        load.Start();

        using var counters = _clock.Count(tally);
        using var upstream = Upstream(bed, time, out var options);
        var rotator = new Rotator(bed.Operator.Client, new KeyProbe(options, upstream, time), time,
            new RotatorOptions { Operator = "drill", RefreshInterval = pace.RefreshInterval }, line => _clock.Say($"  {line}"));
        var steps = await new DrillStory(bed, tally, rotator, pace, time, _clock.Say).TellAsync(cancellationToken);

        _clock.Say("end the load: what is in flight finishes");
        await load.FinishAsync(DrillPace.LeastRequests, cancellationToken);
        return new EvidenceCollector(bed, pace).Collect(started, time.GetUtcNow(), tally.Result(), steps);
    }

    internal static UpstreamClient Upstream(DrillBed bed, TimeProvider time, out ForwardingOptions options)
    {
        // Nothing of the user's environment: the drill's probes go to the drill's simulator.
        options = new ForwardingOptions { BaseUrl = bed.Gemini.BaseUrl.AbsoluteUri.TrimEnd('/'), DefaultModel = UpstreamUses.ProbeModel };
        return UpstreamClient.Create(options, time);
    }
}
