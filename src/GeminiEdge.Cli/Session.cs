using System.Collections.Immutable;
using System.CommandLine;
using Azure.Core;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Cli.Fleet;
using GeminiEdge.Cli.GoogleApiKeys;
using GeminiEdge.Cli.Leak;
using GeminiEdge.Cli.Reports;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Fleet;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli;

/// <summary>What a command works with: the vault, Gemini, and where its words go.</summary>
internal sealed class Session : IDisposable
{
    private static readonly RotationResult UnknownStop = new(RotationOutcome.Stopped, "Stopped. What was done by then is not in this record; running the same command again resumes.");

    private readonly UpstreamClient _upstream;
    private (RotationResult Result, LeakFacts? Leak)? _reported;

    private Session(ParseResult parse, CommonOptions options, Uri vault, ReadSettings settings, TimeSpan? maxAge)
    {
        (World, Terminal, Credential, Vault) = (options.World, options.Terminal, options.World.SignInAtAzure(), vault);
        Json = parse.GetValue(options.Json);
        DryRun = parse.GetValue(options.DryRun) || parse.GetValue(options.DryProbe);
        _upstream = UpstreamClient.Create(settings.Forwarding, Time);
        Probe = new KeyProbe(settings.Forwarding, _upstream, Time);
        Register = settings.Fleet is { } fleet ? new FleetRegister(fleet.Endpoint, AppOf(parse, options), Credential, Time, World.AzureTransport) : null;
        var rotation = new RotatorOptions
        {
            Fleet = Register is null ? null : Register.ReadAsync,
            Operator = Operator.NameIn(World),
            RefreshInterval = parse.GetValue(options.RefreshInterval) ?? settings.Keys.RefreshInterval,
            Expires = parse.GetValue(options.Expires),
            MaxAge = parse.GetValue(options.MaxAge) ?? maxAge,
            DryRun = DryRun,
            Moment = Terminal.Moment,
        };
        (Settling, ConvergenceTimeout) = (rotation.Settling, rotation.ConvergenceTimeout);
        Rotator = new Rotator(CreateClient(vault), Probe, Time, rotation, Terminal.Say);
    }

    public World World { get; }

    public Terminal Terminal { get; }

    public TimeProvider Time => World.Time;

    public Uri Vault { get; }

    /// <summary>Who signs in at Azure.</summary>
    public TokenCredential Credential { get; }

    public bool Json { get; }

    public bool DryRun { get; }

    /// <summary>After this long every edge has read what was written.</summary>
    public TimeSpan Settling { get; }

    /// <summary>How long the fleet may take to converge.</summary>
    public TimeSpan ConvergenceTimeout { get; }

    /// <summary>Null when none is named.</summary>
    public FleetRegister? Register { get; }

    public KeyProbe Probe { get; }

    public Rotator Rotator { get; }

    /// <summary>Opens a session, unless an option or a setting is wrong, and does the work in it.</summary>
    public static async Task<int> RunAsync(ParseResult parse, CommonOptions options, Func<Session, Task<int>> work, CancellationToken cancellationToken)
    {
        var (vault, problem) = VaultAddress.Read(parse.GetValue(options.Vault), options.World);
        var settings = ReadSettings.Of(parse.GetValue(options.Fleet), options.World);
        var (maxAge, wrongAge) = MaxAgeOption.Of(options.World);
        ImmutableArray<string> problems = [.. new[] { problem, wrongAge }.OfType<string>(), .. settings.Problems];
        if (!problems.IsEmpty)
        {
            return UsageError.Report(parse, options, problems);
        }

        var (report, taken) = parse.GetValue(options.Report) is { } path ? ReportFile.Take(path) : (null, null);
        if (taken is not null)
        {
            return UsageError.Report(parse, options, [taken]);
        }

        using var session = new Session(parse, options, vault!, settings, maxAge);
        using var record = report is null ? null : new AuditRecord(report, parse.CommandResult.Command.Name, session.Time.GetUtcNow());
        var exitCode = await session.WorkAsync(work, cancellationToken);
        if (record is not null && session._reported is var (result, leak))
        {
            await record.WriteAsync(session, result, leak);
        }

        return exitCode;
    }

    /// <summary>The same for what can't be done without a fleet register.</summary>
    public static Task<int> RunWithFleetAsync(ParseResult parse, CommonOptions options, Func<Session, Task<int>> work, CancellationToken cancellationToken) =>
        RunAsync(parse, options, session => session.Register is not null
            ? work(session)
            : Task.FromResult(UsageError.Report(parse, options, ["No fleet register is named: use --fleet https://ACCOUNT.table.core.windows.net/, or set GEMINI_EDGE_FLEET."])), cancellationToken);

    private async Task<int> WorkAsync(Func<Session, Task<int>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await work(this);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            // Whatever a call that is torn off throws.
            _reported ??= ((e as RotationStopped)?.Result ?? UnknownStop, null);
            Terminal.Say("edgectl: stopped. `edgectl keys` shows what is in the vault; running the same command again resumes.");
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Runs a rotation and reports its end.</summary>
    public static Task<int> RotateAsync(ParseResult parse, CommonOptions options, Func<Rotator, Task<RotationResult>> rotate, CancellationToken cancellationToken) =>
        RunAsync(parse, options, async session => session.Report(await session.Terminal.WorkAsync(() => rotate(session.Rotator))), cancellationToken);

    /// <summary>Reads every slot, or says why that failed.</summary>
    public async Task<(RotationResult? Failure, ImmutableArray<SlotView> Slots)> ReadSlotsAsync(CancellationToken cancellationToken)
    {
        var reading = await Terminal.WorkAsync(() => Rotator.ReadAsync(cancellationToken), resumes: false);
        return (reading.Failure, reading.Failure is null ? SlotView.Of(reading, Time.GetUtcNow()) : []);
    }

    /// <summary>Reads the fleet, or says why that failed.</summary>
    public async Task<(FleetView View, RotationResult? Failure)> ReadFleetAsync(CancellationToken cancellationToken)
    {
        var slots = Rotator.ReadAsync(cancellationToken);
        var (rows, failure) = await Register!.ReadAsync(cancellationToken);
        var vault = await slots;
        return (ViewOf(rows, vault), vault.Failure ?? failure);
    }

    /// <summary>The instances against the vault's ring.</summary>
    public FleetView ViewOf(IEnumerable<FleetRow> rows, SlotReading vault) => FleetView.Of(rows, NewestRing.Fingerprint(vault.Slots, vault.Leaked), Time.GetUtcNow());

    /// <summary>Says on standard error whose instances are meant.</summary>
    public void SayWhichApp() => Terminal.Say(Register!.App is { } app ? $"The app {app}." : "Every app in the register; --app names one.");

    /// <summary>Asks every key that may be asked.</summary>
    public Task<ImmutableArray<SlotView>> ProbeAsync(ImmutableArray<SlotView> slots, CancellationToken cancellationToken) =>
        Terminal.WorkAsync(() => SlotProbes.ProbeAsync(Probe, slots, cancellationToken), resumes: false);

    /// <summary>Reports the end of a command.</summary>
    /// <returns>Its exit code.</returns>
    public int Report(RotationResult result, KeyAtGoogle? key = null, LeakFacts? leak = null)
    {
        ResultReport.Write(this, result, key, leak);
        Keep(result, leak);
        return ExitCode.Of(result.Outcome);
    }

    /// <summary>For the record, if one is asked for.</summary>
    public void Keep(RotationResult result, LeakFacts? leak) => _reported = (result, leak);

    public void Dispose() => _upstream.Dispose();

    private static string? AppOf(ParseResult parse, CommonOptions options) =>
        parse.GetValue(options.App) ?? options.World.Variable("WEBSITE_SITE_NAME");

    private SecretClient CreateClient(Uri vault)
    {
        var options = RotationStore.ClientOptions;
        options.Transport = World.AzureTransport;
        return new SecretClient(vault, Credential, options);
    }
}
