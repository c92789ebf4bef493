using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using GeminiEdge.Cli.Drill;

namespace GeminiEdge.Bench.Overload;

/// <summary>
/// One edge, attacked in one way after another while others go on asking it. Prints a table, and is 0 only if every one of them
/// was answered within twice the time of before.
/// </summary>
internal sealed class OverloadRun(ImmutableArray<Attack> attacks, TimeProvider time)
{
    private const double Bar = 2;

    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(45);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var bed = await DrillBed.StartAsync(time, cancellationToken, "overload");
        if (await bed.StartEdgesAsync(1, bed.NewKey(), bed.NewKey(), TimeSpan.FromSeconds(30), cancellationToken) is { } problem)
        {
            await Console.Error.WriteLineAsync(problem);
            return 1;
        }

        bed.Gemini.OnRequest = new Upstream(time).AnswerAsync;
        var edge = bed.Edges[0];
        using var callers = Role.Start(ProcessPriorityClass.Normal, Callers.Role, edge.Url.AbsoluteUri, bed.ClientKey);
        await AskAsync(callers, cancellationToken);

        await Console.Out.WriteLineAsync("""
            | attack | others: median before, during, after | p99 | during : before | failed | resident before, most, after | the attackers' ends |
            |---|---:|---:|---:|---:|---:|---|
            """);
        var missed = false;
        foreach (var attack in attacks)
        {
            missed |= !await PlayAsync(attack, edge, bed.ClientKey, callers, cancellationToken);
        }

        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"\nResident at the end: {Resident(edge):0} MB."));
        return missed ? 1 : 0;
    }

    private async Task<bool> PlayAsync(Attack attack, EdgeInstance edge, string clientKey, Role callers, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync(attack.What);
        var residentBefore = Resident(edge);
        var before = await AskAsync(callers, cancellationToken);
        var most = residentBefore;
        Latency during;
        string ends;
        await using (time.CreateTimer(_ => most = Math.Max(most, Resident(edge)), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(100)))
        {
            // They would come from elsewhere: what they do to this machine, and not to the edge, is no part of it.
            using var crowd = Role.Start(ProcessPriorityClass.BelowNormal, Crowd.Role, edge.Url.AbsoluteUri, clientKey, attack.Name);
            await crowd.ReadAsync(cancellationToken);
            during = await AskAsync(callers, cancellationToken);
            ends = await crowd.AskAsync("", cancellationToken);
        }

        await Task.Delay(Burst, time, cancellationToken);
        var after = await AskAsync(callers, cancellationToken);
        var faults = before.Faults.Concat(during.Faults).Concat(after.Faults).ToList();
        var (median, p99) = (during.Median / before.Median, during.P99 / before.P99);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"| {attack.What} | {before.Median:0}, {during.Median:0}, {after.Median:0} ms | {before.P99:0}, {during.P99:0}, {after.P99:0} ms | {median:0.00}, p99 {p99:0.00} | {faults.Count} of {before.Count + during.Count + after.Count} | {residentBefore:0}, {most:0}, {Resident(edge):0} MB | {ends} |"));
        foreach (var fault in faults.CountBy(fault => fault))
        {
            await Console.Error.WriteLineAsync($"{fault.Value} × {fault.Key}");
        }

        return median <= Bar && p99 <= Bar && faults.Count == 0;
    }

    private static async Task<Latency> AskAsync(Role callers, CancellationToken cancellationToken) =>
        Latency.Parse(await callers.AskAsync("", cancellationToken));

    private static double Resident(EdgeInstance edge) => Sample.ResidentOf(edge.ProcessId);
}
