using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli;

/// <summary>Parses, runs and turns every end into an exit code.</summary>
internal static class CommandLine
{
    // A response file would be read and its lines quoted, and `@Microsoft.KeyVault(…)` begins like one.
    private static readonly ParserConfiguration Parsing = new() { EnablePosixBundling = false, ResponseFileTokenReplacer = null };

    public static async Task<int> RunAsync(RootCommand root, string[] args)
    {
        var parse = root.Parse(args, Parsing);
        if (parse.Action is ParseErrorAction)
        {
            return UsageError.Report(parse);
        }

        // A terminal that is closed leaves nothing behind either: Ctrl-C and SIGTERM are the library's, SIGHUP is not.
        using var stopped = new CancellationTokenSource();
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            stopped.Cancel();
        });

        try
        {
            // A stopped `issue` still takes back the key that it made.
            return await parse.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(15) }, stopped.Token);
        }
        catch (Exception e)
        {
            // Its text may hold anything, so only its type is told.
            new Terminal().Say($"edgectl: failed unexpectedly ({e.GetType().Name}). `edgectl keys` shows what is in the vault; running the same command again resumes.");
            return (int)RotationOutcome.Failed;
        }
    }
}
