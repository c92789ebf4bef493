using GeminiEdge.Configuration;

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
            await Console.Error.WriteLineAsync($"GeminiEdge can't listen on {address.Urls}: {e.Message} Set ASPNETCORE_URLS to another address.");
            return 1;
        }

        if (address.Hosting == Hosting.Standalone)
        {
            // Standard output is for log lines alone.
            await Console.Error.WriteLineAsync(Banner(app, sandbox));
        }

        await app.WaitForShutdownAsync();
        return 0;
    }

    private static string Banner(WebApplication app, LocalSandbox? sandbox)
    {
        var url = app.Urls.First().TrimEnd('/');
        var upstream = sandbox is not null
            ? "No key is set: answers come from the built-in sandbox. Set GEMINI_API_KEY_PRIMARY to talk to Gemini."
            : $"Answers come from {app.Configuration["GEMINI_BASE_URL"] ?? "Gemini"}.";
        return $$"""

            GeminiEdge listens on {{url}}
            {{upstream}}
            Try it:

              curl {{url}}/api/generate -H "content-type: application/json" -d '{"prompt":"Say hello"}'

            Stop it with Ctrl-C. Each attempt is one line of JSON below.

            """;
    }
}
