using System.Collections.Immutable;
using System.CommandLine;
using Azure.Core;
using Azure.Identity;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Cli.GoogleApiKeys;
using GeminiEdge.Cli.Leak;
using GeminiEdge.Cli.Reports;
using GeminiEdge.Configuration;
using GeminiEdge.Forwarding;
using GeminiEdge.Rotation;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Cli;

/// <summary>What a command works with: the vault, Gemini, and where its words go.</summary>
internal sealed class Session : IDisposable
{
    private readonly UpstreamClient _upstream;
    private readonly ReportFile? _report;
    private readonly string _command;
    private readonly DateTimeOffset _started;

    private Session(ParseResult parse, CommonOptions options, Uri vault, EdgeSettings settings, ReportFile? report)
    {
        (_report, _command, _started) = (report, parse.CommandResult.Command.Name, Time.GetUtcNow());
        Vault = vault;
        Json = parse.GetValue(options.Json);
        DryRun = parse.GetValue(options.DryRun);
        _upstream = new UpstreamClient(settings, UpstreamClient.CreateHandler(settings));
        Probe = new KeyProbe(settings, _upstream, Time);
        var rotation = new RotatorOptions
        {
            Operator = Operator.Name,
            RefreshInterval = parse.GetValue(options.RefreshInterval) ?? settings.Options.RefreshInterval,
            DryRun = DryRun,
        };
        Settling = rotation.Settling;
        Rotator = new Rotator(CreateClient(vault, Credential), Probe, Time, rotation, Terminal.Say);
    }

    public Uri Vault { get; }

    /// <summary>Who signs in at Azure.</summary>
    public TokenCredential Credential { get; } = new DefaultAzureCredential(new DefaultAzureCredentialOptions
    {
        ExcludeBrokerCredential = true,
        ExcludeInteractiveBrowserCredential = true,
        ExcludeAzurePowerShellCredential = true,
        ExcludeVisualStudioCodeCredential = true,
        ExcludeVisualStudioCredential = true,
    });

    public bool Json { get; }

    public bool DryRun { get; }

    /// <summary>After this long every edge has read what was written.</summary>
    public TimeSpan Settling { get; }

    public Terminal Terminal { get; } = new();

    public TimeProvider Time { get; } = TimeProvider.System;

    public KeyProbe Probe { get; }

    public Rotator Rotator { get; }

    /// <summary>Opens a session, unless an option or a setting is wrong, and does the work in it.</summary>
    public static async Task<int> RunAsync(ParseResult parse, CommonOptions options, Func<Session, Task<int>> work, CancellationToken cancellationToken)
    {
        var (vault, problem) = VaultAddress.Read(parse.GetValue(options.Vault));
        var settings = EdgeSettings.Read(new ConfigurationBuilder().AddEnvironmentVariables().Build(), Hosting.Standalone);
        var problems = problem is null ? settings.Problems : [problem, .. settings.Problems];
        if (!problems.IsEmpty)
        {
            return UsageError.Report(parse, problems);
        }

        var (report, taken) = parse.GetValue(options.Report) is { } path ? ReportFile.Take(path) : (null, null);
        if (taken is not null)
        {
            return UsageError.Report(parse, [taken]);
        }

        using var session = new Session(parse, options, vault!, settings, report);
        try
        {
            return await work(session);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // Whatever a call that is torn off throws.
            session.Terminal.Say("edgectl: stopped. `edgectl keys` shows what is in the vault; running the same command again resumes.");
            return ExitCode.Interrupted;
        }
    }

    /// <summary>Runs a rotation and reports its end.</summary>
    public static Task<int> RotateAsync(ParseResult parse, CommonOptions options, Func<Rotator, Task<RotationResult>> rotate, CancellationToken cancellationToken) =>
        RunAsync(parse, options, async session => session.Report(await session.Terminal.WorkAsync(() => rotate(session.Rotator))), cancellationToken);

    /// <summary>Reads every slot, or says why that failed.</summary>
    public async Task<(RotationResult? Failure, ImmutableArray<SlotView> Slots)> ReadSlotsAsync(CancellationToken cancellationToken)
    {
        var reading = await Terminal.WorkAsync(() => Rotator.ReadAsync(cancellationToken));
        return (reading.Failure, reading.Failure is null ? SlotView.Of(reading, Time.GetUtcNow()) : []);
    }

    /// <summary>Asks every key that may be asked.</summary>
    public Task<ImmutableArray<SlotView>> ProbeAsync(ImmutableArray<SlotView> slots, CancellationToken cancellationToken) =>
        Terminal.WorkAsync(() => SlotProbes.ProbeAsync(Probe, slots, cancellationToken));

    /// <summary>Reports the end of a command.</summary>
    /// <returns>Its exit code.</returns>
    public int Report(RotationResult result, KeyAtGoogle? key = null, LeakFacts? leak = null)
    {
        ResultReport.Write(this, result, key, leak);
        _report?.Write(new RotationEvidence(_command, Operator.Name, Vault, _started, Time.GetUtcNow(), DryRun, result, leak));
        return (int)result.Outcome;
    }

    public void Dispose()
    {
        _upstream.Dispose();
        _report?.Dispose();
    }

    private static SecretClient CreateClient(Uri vault, TokenCredential credential) =>
        new(vault, credential, new SecretClientOptions { Retry = { NetworkTimeout = TimeSpan.FromSeconds(10) } });
}
