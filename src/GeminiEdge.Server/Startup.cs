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
        catch (IOException e)
        {
            StandardStreams.Say($"GeminiEdge can't listen on {address.Urls}: {e.Message} Set ASPNETCORE_URLS to another address.", wait: TimeSpan.FromSeconds(1));
            return 1;
        }

        if (address.Hosting != Hosting.CustomHandler)
        {
            // Standard output is for log lines alone.
            StandardStreams.Say(Banner(app, address, sandbox));
        }

        // The first asks for an end in order, which may take as long as the answers under way.
        using var again = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            if (app.Lifetime.ApplicationStopping.IsCancellationRequested)
            {
                Environment.Exit(130);
            }
        });
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static string Banner(WebApplication app, ListenAddress address, LocalSandbox? sandbox)
    {
        var url = app.Urls.First().TrimEnd('/');
        var upstream = sandbox is not null
            ? "No key is set: answers come from the built-in sandbox. Set GEMINI_API_KEY_PRIMARY to talk to Gemini."
            : $"Answers come from {app.Configuration["GEMINI_BASE_URL"] ?? "Gemini"}.";
        var asksForKey = !string.IsNullOrWhiteSpace(app.Configuration["GEMINI_EDGE_CLIENT_KEYS"]);
        var callers = asksForKey ? "Callers need one of the keys of GEMINI_EDGE_CLIENT_KEYS."
            : address.Hosting == Hosting.Development ? "Programs on this machine need no key, because this is a run in Development; nobody else gets in."
            : "Nobody gets in: set GEMINI_EDGE_CLIENT_KEYS, the keys that callers present.";
        var key = asksForKey || address.Hosting != Hosting.Development ? " -H \"x-goog-api-key: $YOUR_CLIENT_KEY\"" : "";
        return $$"""

            GeminiEdge listens on {{url}}
            {{upstream}}
            {{callers}}
            Try it:

              curl {{url}}/api/generate{{key}} -H "content-type: application/json" -d '{"prompt":"Say hello"}'

            Watch it on {{url}}/api/status

            Stop it with Ctrl-C (again: at once). Each attempt is one line of JSON below.

            """;
    }
}
