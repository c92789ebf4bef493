using System.Runtime.InteropServices;
using GeminiEdge.Cli;

// A terminal that is closed leaves nothing behind either: Ctrl-C and SIGTERM are the library's, SIGHUP is not.
using var stopped = new CancellationTokenSource();
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
{
    signal.Cancel = true;
    stopped.Cancel();
});
return await CommandLine.RunAsync(World.OfThisProcess(), args, stopped.Token);
