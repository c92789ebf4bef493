using System.CommandLine;
using System.CommandLine.Invocation;
using GeminiEdge.Cli.Commands;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli;

/// <summary>Parses, runs and turns every end into an exit code.</summary>
internal static class CommandLine
{
    // A response file would be read and its lines quoted, and `@Microsoft.KeyVault(…)` begins like one.
    private static readonly ParserConfiguration Parsing = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(World world, string[] args, CancellationToken cancellationToken)
    {
        var options = new CommonOptions(world);
        var parse = Root(options).Parse(args, Parsing);
        if (parse.Action is ParseErrorAction)
        {
            return UsageError.Report(parse, options);
        }

        try
        {
            return await parse.InvokeAsync(
                new InvocationConfiguration
                {
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = world.SignalPatience,
                    Output = world.Output.Text,
                    Error = world.Error.Text,
                },
                cancellationToken);
        }
        catch (Exception e)
        {
            // Its text may hold anything, so only its type is told.
            options.Terminal.Say($"edgectl: failed unexpectedly ({e.GetType().Name}). `edgectl keys` shows what is in the vault; running the same command again resumes.");
            return ExitCode.Of(RotationOutcome.Failed);
        }
    }

    private static RootCommand Root(CommonOptions options)
    {
        var root = new RootCommand("Shows, probes, rotates, issues and retires the Gemini API keys that GeminiEdge reads from a Key Vault.")
        {
            KeysCommand.Create(options),
            ProbeCommand.Create(options),
            SetCommand.Create(options),
            FleetCommand.Create(options),
            ConfirmCommand.Create(options),
            WatchCommand.Create(options),
            RotateCommand.Create(options),
            PromoteCommand.Create(options),
            RollbackCommand.Create(options),
            PurgeCommand.Create(options),
            LeakCommand.Create(options),
            IssueCommand.Create(options),
            RetireCommand.Create(options),
            DrillCommand.Create(options),
            SandboxCommand.Create(options),
            HelpCommand.Create(options),
        };
        HelpPage.AddTo(root, options.Terminal);
        return root;
    }
}
