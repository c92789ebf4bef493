using System.Globalization;
using GeminiEdge.Cli.Drill;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Bench.Hour;

/// <summary>
/// An hour of an application's life: four edges in processes of their own, a million requests, the operator's own commands, and
/// what goes wrong meanwhile. Prints a table, and is 0 only if no request failed that a key could have answered.
/// </summary>
internal sealed class HourRun(TimeSpan length, TimeProvider time)
{
    private const int Edges = 4;

    // Above the million an hour: a storm makes everybody wait.
    private const int RequestsPerSecond = 290;

    // So many that one who waits for a late answer, 1.5 s, is hardly missed.
    private const int Callers = 200;

    private static readonly TimeSpan RefreshInterval = TimeSpan.FromSeconds(30);

    private readonly long _began = time.GetTimestamp();
    private readonly List<string> _steps = [];
    private bool _failed;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        Say("start the simulators and four edges");
        await using var bed = await DrillBed.StartAsync(time, cancellationToken, "hour");
        await using var google = await DrillGoogle.StartAsync(bed, cancellationToken);
        if (await bed.StartEdgesAsync(Edges, bed.NewKey(), bed.NewKey(), RefreshInterval, cancellationToken) is { } problem)
        {
            Say(problem);
            return 1;
        }

        var weather = new Weather(bed.Uses, time);
        bed.Gemini.OnRequest = weather.AnswerAsync;
        var (tally, books) = (new Tally(), new Books(bed.Edges, time));
        using var client = new EdgeClient(bed.ClientKey, time);
        using var load = new DrillLoad(bed.Edges, client, tally, time, RequestsPerSecond, Callers);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var keeping = books.KeepAsync(ending.Token);
        var start = time.GetTimestamp();
        load.Start();
        await using (time.CreateTimer(_ => Say(tally.Sentence), null, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1)))
        {
            await TellAsync(bed, google, weather, tally, start, cancellationToken);
            await UntilAsync(start, 1, cancellationToken);
            await load.FinishAsync((int)(1_000_000 * length.TotalHours), cancellationToken);
        }

        var lasted = time.GetElapsedTime(start);
        await ending.CancelAsync();
        await keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Report(tally.Result(), weather, books, lasted);
    }

    private async Task TellAsync(DrillBed bed, DrillGoogle google, Weather weather, Tally tally, long start, CancellationToken cancellationToken)
    {
        var settings = bed.OperatorSettings(RefreshInterval);
        foreach (var (name, value) in google.Settings)
        {
            settings[name] = value;
        }

        var watch = string.Create(CultureInfo.InvariantCulture, $"{(int)(length / 20).TotalSeconds}s");

        await UntilAsync(start, 0.08, cancellationToken);
        await OperateAsync(settings, ["rotate", "--for", watch], cancellationToken);

        await UntilAsync(start, 0.22, cancellationToken);
        await SetAsync(bed, bed.NewKey(), cancellationToken);
        await OperateAsync(settings, ["rotate", "--replace-old", "--for", watch], cancellationToken);

        await UntilAsync(start, 0.36, cancellationToken);
        await OperateAsync(settings, ["rollback"], cancellationToken);

        await UntilAsync(start, 0.45, cancellationToken);
        await StormAsync(weather, tally, cancellationToken);

        await UntilAsync(start, 0.52, cancellationToken);
        await OutageAsync(bed, cancellationToken);

        await UntilAsync(start, 0.62, cancellationToken);
        var leaking = google.AddKey();
        await SetAsync(bed, leaking, cancellationToken);
        await OperateAsync(settings, ["rotate", "--replace-old", "--for", watch], cancellationToken);

        // Someone to go on with when PRIMARY leaks.
        await SetAsync(bed, bed.NewKey(), cancellationToken);
        await UntilAsync(start, 0.78, cancellationToken);
        await OperateAsync(settings, ["leak", "PRIMARY", $"--key-id={leaking.Id}", "--project", google.Project], cancellationToken);
    }

    private async Task StormAsync(Weather weather, Tally tally, CancellationToken cancellationToken)
    {
        var storm = length / 60;
        Step($"nothing but 503, {storm.TotalSeconds:0} s");
        tally.OutageBegan = time.GetUtcNow();
        weather.Storms = true;
        await Task.Delay(storm, time, cancellationToken);
        weather.Storms = false;
        tally.OutageEnded = time.GetUtcNow();
    }

    private async Task OutageAsync(DrillBed bed, CancellationToken cancellationToken)
    {
        var outage = length / 30;
        Step($"the vault is away, {outage.TotalSeconds:0} s");
        bed.Vault.Fault = KeyVaultFault.Outage;
        await Task.Delay(outage, time, cancellationToken);
        bed.Vault.Fault = KeyVaultFault.None;
    }

    private async Task SetAsync(DrillBed bed, ApiKey key, CancellationToken cancellationToken)
    {
        Step("a new key in SECONDARY");
        await bed.WriteByHandAsync(KeySlot.Secondary, key, cancellationToken);
    }

    private async Task OperateAsync(Dictionary<string, string> settings, string[] arguments, CancellationToken cancellationToken)
    {
        var step = Step($"edgectl {string.Join(' ', arguments)}");
        using var command = OperatorCommand.Start(arguments, settings, line => Say($"  {line}"));
        var (exitCode, _) = await command.EndAsync(cancellationToken);
        _steps[step] += $": exit code {exitCode}";
        _failed |= exitCode != 0;
        Say(_steps[step]);
    }

    private Task UntilAsync(long start, double part, CancellationToken cancellationToken)
    {
        var left = (part * length) - time.GetElapsedTime(start);
        return left > TimeSpan.Zero ? Task.Delay(left, time, cancellationToken) : Task.CompletedTask;
    }

    private int Step(string what)
    {
        Say(what);
        _steps.Add(string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_began).TotalMinutes:0.0} min: {what}"));
        return _steps.Count - 1;
    }

    private int Report(LoadResult load, Weather weather, Books books, TimeSpan lasted)
    {
        var output = Console.Out;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            | in {lasted.TotalMinutes:0.0} minutes | |
            |---|---:|
            | requests sent | {load.Sent:N0} |
            | answered | {load.Answered:N0} |
            | … by another key than the first that was tried | {load.FailedOver:N0} |
            | failed in the minute of 503 | {load.FailedInOutage:N0} |
            | **failed where a key could have answered** | **{load.Failed:N0}** |
            | streams among them, each read to its end | {load.Streams.Length:N0} |
            | answers of the upstream that came 1.5 s late | {weather.LateAnswers:N0} |
            | 503 of the upstream | {weather.Refused:N0} |
            | keys that answered | {load.Keys.Count} |
            | edges that ended | {books.Ended} |

            | early, in the middle, at the end; the most | resident | handles | sockets | threads |
            |---|---:|---:|---:|---:|
            """));
        foreach (var row in books.Rows(lasted))
        {
            output.WriteLine(row);
        }

        output.WriteLine();
        foreach (var step in _steps)
        {
            output.WriteLine($"- {step}");
        }

        foreach (var fault in load.Faults)
        {
            Say($"failed at {fault.Ended:HH:mm:ss.fff}: {fault.Question.Name}, {fault.Fault}");
        }

        return _failed || load.Failed > 0 || books.Ended > 0 ? 1 : 0;
    }

    private void Say(string line) =>
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_began).TotalSeconds,7:0.0} s  {line}"));
}
