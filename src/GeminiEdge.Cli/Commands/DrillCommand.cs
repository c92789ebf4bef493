using System.CommandLine;
using System.Runtime.InteropServices;
using GeminiEdge.Cli.Drill;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl drill`: rotates under load in a simulated world, and shows that no request fails.</summary>
internal static class DrillCommand
{
    private const string OwnVault = "The drill brings its own vault and changes no other: --vault and --dry-run mean nothing to it.";

    public static Command Create(CommonOptions options)
    {
        var full = new Option<bool>("--full")
        {
            Description = "With the times of production, a refresh each 30 seconds and an outage of two minutes: about seven minutes instead of one.",
            Arity = ArgumentArity.Zero,
        };
        var command = new Command("drill", "Rehearses three rotations, dead keys, a vault outage and a rollback on this machine, under load; exits 0 only if no request failed.") { full };
        command.SetAction((parse, cancellationToken) => RunAsync(parse, options, parse.GetValue(full), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parse, CommonOptions options, bool full, CancellationToken cancellationToken)
    {
        if (parse.GetResult(options.Vault) is not null || parse.GetValue(options.DryRun))
        {
            return UsageError.Report(parse, [OwnVault]);
        }

        // A terminal that is closed must not leave four edges behind; Ctrl-C and SIGTERM come by the token.
        using var stopped = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            stopped.Cancel();
        });

        var terminal = new Terminal();
        try
        {
            return await new DrillRun(full ? DrillPace.Full : DrillPace.Quick, parse.GetValue(options.Json), terminal, TimeProvider.System)
                .RunAsync(stopped.Token);
        }
        catch (OperationCanceledException) when (stopped.IsCancellationRequested)
        {
            terminal.Say("edgectl: stopped. Nothing is left of the drill.");
            return ExitCode.Interrupted;
        }
    }
}
