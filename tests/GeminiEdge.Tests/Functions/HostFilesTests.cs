using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Functions;

public class HostFilesTests
{
    private static JsonObject CustomHandler => Parse("src/GeminiEdge.Server/CustomHandler/host.json");

    private static JsonObject IsolatedWorker => Parse("host.json");

    [Fact]
    public void CustomHandler_Host_ProxiesToTheExecutable()
    {
        var handler = CustomHandler["customHandler"]!.AsObject();

        Assert.Equal("GeminiEdge.Server", (string?)handler["description"]!["defaultExecutablePath"]);
        Assert.True((bool?)handler["enableProxyingHttpRequest"]);
        Assert.False(handler.ContainsKey("enableForwardingHttpRequest"), "Forwarding buffers whole answers.");
    }

    // Whoever has any SDK of .NET 10 can build; the newest there is does it.
    [Fact]
    public void GlobalJson_TakesAnySdkOfItsVersion() =>
        Assert.Equal(("10.0.100", "latestFeature"), ((string?)Parse("global.json")["sdk"]!["version"], (string?)Parse("global.json")["sdk"]!["rollForward"]));

    // With this section in place the host would start no worker, whatever FUNCTIONS_WORKER_RUNTIME says.
    [Fact]
    public void IsolatedWorker_Host_HasNoCustomHandler() => Assert.False(IsolatedWorker.ContainsKey("customHandler"));

    [Fact]
    public void HostFiles_ApartFromTheHandler_AreTheSame()
    {
        var (custom, isolated) = (CustomHandler, IsolatedWorker);
        custom.Remove("customHandler");
        isolated.Remove("telemetryMode");

        Assert.True(JsonNode.DeepEquals(custom, isolated));
    }

    // The worker sends its own spans; so that the host's stand above them, it has to speak as they do.
    [Fact]
    public void IsolatedWorker_Host_SpeaksOpenTelemetry() => Assert.Equal("OpenTelemetry", (string?)IsolatedWorker["telemetryMode"]);

    // `func` looks for host.json upwards from the current folder, and for the project beside it.
    [Fact]
    public void IsolatedWorker_Host_StandsBesideItsProjectToo() =>
        Assert.Equal(Repository.Read("host.json"), Repository.Read("src", "GeminiEdge.Functions", "host.json"));

    [Fact]
    public void Host_Routes_HaveNoPrefix() => Assert.Equal("", (string?)IsolatedWorker["extensions"]!["http"]!["routePrefix"]);

    // At a function's timeout the host restarts the app under all requests in flight; the edge has deadlines of its own.
    [Fact]
    public void Host_Timeout_IsNone() => Assert.Equal("-1", (string?)IsolatedWorker["functionTimeout"]);

    [Fact]
    public void Host_Sampling_NeverDropsAnAttempt()
    {
        var sampling = IsolatedWorker["logging"]!["applicationInsights"]!["samplingSettings"]!;

        Assert.Contains("Trace", ((string)sampling["excludedTypes"]!).Split(';'));
    }

    [Fact]
    public void SampleSettings_HoldNoKey()
    {
        var values = Parse("local.settings.sample.json")["Values"]!.AsObject();

        Assert.Equal("dotnet-isolated", (string?)values["FUNCTIONS_WORKER_RUNTIME"]);
        Assert.All(values.Where(value => value.Key.StartsWith("GEMINI", StringComparison.Ordinal)), value => Assert.Equal("", (string?)value.Value));
    }

    private static JsonObject Parse(string path) => JsonNode.Parse(Repository.Read(path))!.AsObject();
}
