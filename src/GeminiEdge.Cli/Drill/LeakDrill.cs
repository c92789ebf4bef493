using System.Text.Json;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Cli.Drill;

/// <summary>PRIMARY leaks while ten edges serve from it: `edgectl leak` as an operator runs it, and what Gemini sees of the key.</summary>
internal sealed class LeakDrill(DrillPace pace, bool json, Terminal terminal, TimeProvider time)
{
    private const int Instances = 10;

    // Of ten edges and what they are measured with on one machine more would be the machine's limit.
    private const int RequestsPerSecond = 100;

    private static readonly TimeSpan Calm = TimeSpan.FromSeconds(5);

    private readonly DrillClock _clock = new(terminal, time);

    /// <returns>The exit code: 0 only if the key was contained in time, is gone everywhere, and no request failed.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        _clock.Say("start the simulators of Gemini, Key Vault, Table storage and Google's API Keys, and ten edges");
        await using var bed = await DrillBed.StartAsync(time, cancellationToken);
        await using var google = await DrillGoogle.StartAsync(bed, cancellationToken);
        var leaked = google.AddKey();
        string? problem;
        using (_clock.Show("waiting for the edges"))
        {
            problem = await bed.StartEdgesAsync(Instances, leaked, bed.NewKey(), pace.RefreshInterval, cancellationToken);
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
        DateTimeOffset began;
        int exitCode;
        JsonElement? result;
        using (_clock.Count(tally))
        {
            await Task.Delay(Calm, time, cancellationToken);
            _clock.Say($"the key …{leaked.Id} in PRIMARY has leaked: edgectl leak");
            began = time.GetUtcNow();
            (exitCode, result) = await AnswerAsync(bed, google, leaked, cancellationToken);

            // Whoever would still use it has the time to.
            await Task.Delay(Calm, time, cancellationToken);
            await load.FinishAsync(0, cancellationToken);
        }

        var last = bed.Uses.LastBefore(leaked.Id, DateTimeOffset.MaxValue);
        return Report(new LeakEvidence(
            leaked.Id,
            last > began ? last - began : null,
            result is { } said && said.TryGetProperty("contained_s", out var seconds) && Text(said, "containment") == "measured" ? seconds.GetDouble() : null,
            exitCode,
            bed.Vault.Names.SelectMany(bed.Vault.Versions).Count(version => version.Enabled && version.Value.Contains(leaked.Reveal(), StringComparison.Ordinal)),
            bed.Edges.Count(edge => Holds(edge, leaked.Id)),
            Instances,
            await ProbeAsync(bed, leaked, cancellationToken),
            google.IsDeleted(leaked),
            tally.Result()));
    }

    private async Task<(int ExitCode, JsonElement? Result)> AnswerAsync(DrillBed bed, DrillGoogle google, ApiKey leaked, CancellationToken cancellationToken)
    {
        var settings = bed.OperatorSettings(pace.RefreshInterval);
        foreach (var (name, value) in google.Settings)
        {
            settings[name] = value;
        }

        using var command = OperatorCommand.Start(["leak", "PRIMARY", $"--key-id={leaked.Id}", "--project", google.Project], settings, line => _clock.Say($"  {line}"));
        return await command.EndAsync(cancellationToken);
    }

    private async Task<string> ProbeAsync(DrillBed bed, ApiKey leaked, CancellationToken cancellationToken)
    {
        using var upstream = DrillRun.Upstream(bed, time, out var options);
        var probe = await new KeyProbe(options, upstream, time).ProbeAsync(KeySlot.Old, leaked, null, cancellationToken);
        return Consequence.Of(probe.Verdict).Name;
    }

    // By the edge's own word, not the register's.
    private static bool Holds(EdgeInstance edge, string keyId) =>
        edge.Lines.Kept.LastOrDefault(line => line.Name == "ring_changed") is not { } ring || ring.Keys.Any(key => key.EndsWith($"={keyId}", StringComparison.Ordinal));

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private int Report(LeakEvidence evidence)
    {
        if (json)
        {
            evidence.WriteJson(terminal);
        }
        else
        {
            evidence.Print(terminal);
        }

        foreach (var fault in evidence.Load.Faults)
        {
            terminal.Say($"edgectl: failed at {fault.Ended:HH:mm:ss.fff}: {fault.Question.Name}, {fault.Fault}");
        }

        return DrillEnd.Report(terminal, json, evidence.Passed, [.. evidence.Faults]);
    }
}
