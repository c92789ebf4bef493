using System.Runtime.Versioning;
using System.Text;
using GeminiEdge.Export;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace GeminiEdge.Tests.Telemetry;

/// <summary>The executable sends its spans and metrics where the settings say, and nowhere without them.</summary>
[Collection(nameof(Telemetry))]
public sealed class ExportTests
{
    private const string ConnectionString = "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:9/";

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    [UnsupportedOSPlatform("windows")]
    public async Task Request_FailsOver_IsSeenInTheDashboard(string protocol)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The dashboard's package is for Linux.");
        await using var dashboard = AspireDashboard.Start();
        await using var sandbox = await GeminiSandbox.StartAsync();
        var (primary, secondary) = (sandbox.AddKey(), sandbox.AddKey());
        primary.State = SandboxKeyState.Expired;
        await using var edge = EdgeProcess.Start(
            ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("GEMINI_BASE_URL", $"{sandbox.BaseUrl}"),
            ("GEMINI_API_KEY_PRIMARY", primary.Value), ("GEMINI_API_KEY_SECONDARY", secondary.Value), ("OTEL_SERVICE_NAME", "an-edge"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", $"{(protocol == "grpc" ? await dashboard.Grpc : await dashboard.Http)}"), ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "100"));
        var (trace, caller, header) = SpanCapture.NewTrace();

        using var client = new HttpClient { BaseAddress = await edge.Listening };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1beta/models/gemini-flash-latest:generateContent") { Content = new StringContent(EdgeHost.Contents("Say hello"), Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", header);
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.True(response.IsSuccessStatusCode);
        var spans = await dashboard.SpansAsync($"{trace}", 3);
        var above = spans["POST /{version}/{*path}"];
        Assert.Equal($"{caller}", (string?)above["parentSpanId"]);
        var below = spans.Where(span => span.Key.StartsWith("generate_content ", StringComparison.Ordinal)).ToDictionary(span => AspireDashboard.Attribute(span.Value, "gemini_edge.slot")!, span => span.Value);
        Assert.All(below.Values, span => Assert.Equal((string?)above["spanId"], (string?)span["parentSpanId"]));
        Assert.Equal(("key_invalid", "ok"), (AspireDashboard.Attribute(below["PRIMARY"], "gemini_edge.verdict"), AspireDashboard.Attribute(below["SECONDARY"], "gemini_edge.verdict")));
        await dashboard.HasMetricsAsync("an-edge");
    }

    // A receiver that is down costs no request anything.
    [Fact]
    public async Task Receivers_AreDown_TheEdgeServes()
    {
        await using var edge = EdgeProcess.Start(
            ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("APPLICATIONINSIGHTS_STATSBEAT_DISABLED", "true"),
            (ExportTargets.OtlpSetting, "http://127.0.0.1:9"), (ExportTargets.AzureSetting, ConnectionString));
        using var client = new HttpClient { BaseAddress = await edge.Listening };

        using var response = await client.PostAsync("/api/generate", new StringContent("""{"prompt":"Say hello"}""", Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        Assert.True(response.IsSuccessStatusCode);
        await edge.Log.WaitForAsync("gemini_ok");
        edge.Interrupt();
        Assert.Equal(0, await edge.ExitCodeAsync());
    }

    [Fact]
    public async Task Settings_ThatAreWrong_AreToldAndPassedOver()
    {
        await using var edge = EdgeProcess.Start(
            ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"), (ExportTargets.OtlpSetting, "127.0.0.1:4317"), (ExportTargets.AzureSetting, "not one"));
        using var client = new HttpClient { BaseAddress = await edge.Listening };

        using var response = await client.PostAsync("/api/generate", new StringContent("""{"prompt":"Say hello"}""", Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

        Assert.True(response.IsSuccessStatusCode);
        var warnings = await edge.Log.WaitForAsync("configuration_warning", 2);
        Assert.Equal([ExportTargets.OtlpSetting, ExportTargets.AzureSetting], warnings.Select(line => line["message"]!.GetValue<string>().Split(' ')[2]));
    }

    [Theory]
    [InlineData("http://127.0.0.1:4317", null, true, false)]
    [InlineData(" https://otlp.example/ ", ConnectionString, true, true)]
    [InlineData(null, ConnectionString, false, true)]
    [InlineData("", " ", false, false)]
    public void Targets_AreReadFromTheirSettings(string? otlp, string? azure, bool isOtlp, bool isAzure)
    {
        var targets = ExportTargets.Read(Configuration(otlp, azure));

        Assert.Empty(targets.Warnings);
        Assert.Equal((isOtlp, isAzure, isOtlp || isAzure), (targets.IsOtlp, targets.ConnectionString is not null, targets.IsAny));
    }

    [Theory]
    [InlineData("collector:4317", null, "OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("ftp://127.0.0.1", null, "OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData(null, "@Microsoft.KeyVault(VaultName=v;SecretName=x)", "APPLICATIONINSIGHTS_CONNECTION_STRING")]
    [InlineData(null, "InstrumentationKey=none", "APPLICATIONINSIGHTS_CONNECTION_STRING")]
    [InlineData(null, "IngestionEndpoint=http://127.0.0.1", "APPLICATIONINSIGHTS_CONNECTION_STRING")]
    public void Targets_OneIsWrong_IsOneSentenceWithoutItsValue(string? otlp, string? azure, string name)
    {
        var targets = ExportTargets.Read(Configuration(otlp, azure));

        var warning = Assert.Single(targets.Warnings);
        Assert.StartsWith($"The setting {name} ", warning, StringComparison.Ordinal);
        Assert.DoesNotContain(otlp ?? azure!, warning, StringComparison.Ordinal);
        Assert.False(targets.IsAny);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("ClientId=a-client;Authorization=AAD", "a-client")]
    [InlineData("Authorization=AAD", "")]
    [InlineData("ClientId=a-client", null)]
    public void SignIn_IsTheManagedIdentityThatTheSettingNames(string? setting, string? clientId) =>
        Assert.Equal(clientId, ExportTargets.Read(Configuration(null, ConnectionString, setting)).ClientId);

    [Fact]
    public void Export_NothingIsConfigured_RegistersNothing()
    {
        var services = new ServiceCollection();

        Assert.False(services.AddTelemetryExport(Configuration(null, null)));
        Assert.Empty(services);
    }

    [Fact]
    public void Export_TellsTheVersionOfTheEdge()
    {
        var services = new ServiceCollection();
        services.AddTelemetryExport(Configuration("http://127.0.0.1:9", null));
        services.AddSingleton(Configuration(null, null));
        using var provider = services.BuildServiceProvider();

        var resource = provider.GetRequiredService<TracerProvider>().GetResource().Attributes.ToDictionary(attribute => attribute.Key, attribute => attribute.Value);

        Assert.Equal(("gemini-edge", EdgeVersion.Text), (resource["service.name"], resource["service.version"]));
    }

    private static IConfiguration Configuration(string? otlp, string? azure, string? signIn = null) => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        [ExportTargets.OtlpSetting] = otlp,
        [ExportTargets.AzureSetting] = azure,
        ["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"] = signIn,
    }).Build();
}
