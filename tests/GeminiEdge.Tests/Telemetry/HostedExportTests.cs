using System.Runtime.Versioning;
using System.Text;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Functions.Host;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Telemetry;

/// <summary>What is published for the Functions host, native code too, is seen in the dashboard.</summary>
[Collection(nameof(Telemetry))]
public sealed class HostedExportTests
{
    [Theory]
    [InlineData(HostingModel.IsolatedWorker)]
    [InlineData(HostingModel.CustomHandler)]
    [UnsupportedOSPlatform("windows")]
    public async Task Request_BehindTheHost_IsSeenInTheDashboard(HostingModel model)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The dashboard's package is for Linux.");
        await using var dashboard = AspireDashboard.Start();
        await using var edge = await HostedEdge.StartAsync(model,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", $"{await dashboard.Grpc}"), ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "100"), ("OTEL_SERVICE_NAME", "an-edge"));
        edge.Primary.State = SandboxKeyState.Expired;
        var (trace, _, header) = SpanCapture.NewTrace();

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1beta/models/gemini-flash-latest:generateContent") { Content = new StringContent(EdgeHost.Contents("Say hello"), Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", header);
        request.Headers.Add("x-goog-api-key", HostedEdge.ClientKey);
        using var response = await edge.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.True(response.IsSuccessStatusCode);
        var spans = await dashboard.SpansAsync($"{trace}", 3);
        var above = spans["POST /{version}/{*path}"];
        var below = spans.Values.Where(span => AspireDashboard.Attribute(span, "gemini_edge.slot") is not null).ToList();
        Assert.Equal(["key_invalid", "ok"], below.Select(span => AspireDashboard.Attribute(span, "gemini_edge.verdict")).Order(StringComparer.Ordinal));
        Assert.All(below, span => Assert.Equal((string?)above["spanId"], (string?)span["parentSpanId"]));
        Assert.DoesNotContain(edge.Sandbox.Requests, sent => sent.Headers.ContainsKey("traceparent"));
        await dashboard.HasMetricsAsync("an-edge");
    }
}
