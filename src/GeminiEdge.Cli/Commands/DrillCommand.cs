using System.CommandLine;
using GeminiEdge.Cli.Drill;

namespace GeminiEdge.Cli.Commands;

/// <summary>`edgectl drill`: rotates under load in a simulated world, and shows that no request fails.</summary>
internal static class DrillCommand
{
    public static Command Create(CommonOptions options)
    {
        var full = new Option<bool>("--full")
        {
            Description = "With the times of production, a refresh each 30 seconds and an outage of two minutes: about seven minutes instead of one.",
            Arity = ArgumentArity.Zero,
        };
        var badKey = new Option<bool>("--bad-key")
        {
            Description = "Instead: one rotation to a key that passes its probe and fails in traffic; it must be rolled back by itself.",
            Arity = ArgumentArity.Zero,
        };
        var outage = new Option<bool>("--outage")
        {
            Description = "Instead: one rotation during which Gemini is overloaded for every key; nothing may be rolled back.",
            Arity = ArgumentArity.Zero,
        };
        var leak = new Option<bool>("--leak")
        {
            Description = "Instead: the key in PRIMARY leaks while ten edges use it; nobody may use it any more within 60 seconds.",
            Arity = ArgumentArity.Zero,
        };
        var command = new Command("drill", "Rehearses three rotations, dead keys, a vault outage and a rollback on this machine, under load; says PASS only if no request failed. It brings its own vault and touches no other.")
        {
            full, badKey, outage, leak, options.Json,
        };
        command.SetAction((parse, cancellationToken) =>
        {
            var (pace, json, terminal) = (parse.GetValue(full) ? DrillPace.Full : DrillPace.Quick, parse.GetValue(options.Json), options.Terminal);
            Func<CancellationToken, Task<int>>[] wanted =
            [
                .. parse.GetValue(badKey) ? [new RotationDrill(RotationTrouble.BadKey, pace, json, terminal, options.World.Time).RunAsync] : Nothing,
                .. parse.GetValue(outage) ? [new RotationDrill(RotationTrouble.Outage, pace, json, terminal, options.World.Time).RunAsync] : Nothing,
                .. parse.GetValue(leak) ? [new LeakDrill(pace, json, terminal, options.World.Time).RunAsync] : Nothing,
            ];
            return wanted.Length > 1
                ? Task.FromResult(UsageError.Report(parse, options, ["--bad-key, --outage and --leak are drills of their own: use one of them."]))
                : RunAsync(wanted is [var drill] ? drill : new DrillRun(pace, json, terminal, options.World.Time).RunAsync, terminal, cancellationToken);
        });
        return command;
    }

    private static Func<CancellationToken, Task<int>>[] Nothing => [];

    private static async Task<int> RunAsync(Func<CancellationToken, Task<int>> drill, Terminal terminal, CancellationToken cancellationToken)
    {
        try
        {
            return await drill(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Say("edgectl: stopped. Nothing is left of the drill.");
            return ExitCode.Interrupted;
        }
    }
}
