using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Cli;

/// <summary>One run of `edgectl`.</summary>
internal abstract class CliRun : IDisposable
{
    private static readonly string[] Read = ["GEMINI", "AZURE_", "IDENTITY_", "GITHUB_", "GOOGLE_", "GCE_", "NO_COLOR", "WEBSITE_"];

    public abstract int ExitCode { get; }

    public abstract bool HasExited { get; }

    /// <summary>Standard output.</summary>
    public abstract string Output { get; }

    /// <summary>Standard error, as far as it has come.</summary>
    public abstract string Errors { get; }

    /// <summary>Standard output as the one JSON object that it is.</summary>
    public JsonObject Json => JsonNode.Parse(Output)!.AsObject();

    /// <summary>Gives it this on standard input, or nothing, and waits for its end.</summary>
    public abstract Task EndAsync(string input = "", TimeSpan? patience = null);

    /// <summary>Ctrl-C.</summary>
    public abstract void Interrupt();

    public abstract void Dispose();

    /// <summary>Waits until it has said this on standard error.</summary>
    public async Task SaysAsync(string text)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (!Errors.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(HasExited, $"It ended, and said:\n{Errors}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Fails with what it said.</summary>
    public void AssertEnded(int exitCode) => Assert.True(ExitCode == exitCode, $"It ended with {ExitCode} and said:\n{Errors}");

    /// <summary>Whether edgectl or a workflow would read a variable of the test's own environment.</summary>
    public static bool IsRead(string name) => Read.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
