using System.Runtime.InteropServices;
using GeminiEdge.Configuration;
using GeminiEdge.Telemetry;

namespace GeminiEdge.Server;

/// <summary>Runs the app, and greets whoever started it by hand.</summary>
internal static class Startup
{
    public static async Task<int> RunAsync(WebApplication app, ListenAddress address, LocalSandbox? sandbox)
    {
        try
        {
            await app.StartAsync();
        }
        catch (Exception e) when (ListenFault.Sentence(e, address) is not null)
        {
            return Arguments.Fail(ListenFault.Sentence(e, address)!, ExitCode.NotListening);
        }

        if (address.Hosting != Hosting.CustomHandler)
        {
            // Standard output is for log lines alone.
            StandardStreams.Say(new Banner(app, hasSandbox: sandbox is not null).Text);
        }

        // The first asks for an end in order, which may take as long as the answers under way.
        using var again = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            if (app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                Environment.Exit(ExitCode.Interrupted);
            }
        });
        await app.WaitForShutdownAsync();
        return ExitCode.Done;
    }
}
