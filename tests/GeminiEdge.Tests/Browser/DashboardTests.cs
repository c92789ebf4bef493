using System.Net.Http.Json;
using System.Runtime.Versioning;
using GeminiEdge.Tests.Support;
using GeminiEdge.Tests.Telemetry;

namespace GeminiEdge.Tests.Browser;

/// <summary>A request's spans and the edge's metrics, as they are looked at in the Aspire dashboard.</summary>
[Collection(nameof(Chromium))]
public class DashboardTests(Chromium chromium)
{
    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Request_FailsOver_ItsTraceShowsBothAttemptsAndTheMetricsAreThere()
    {
        await using var page = await chromium.OpenAsync();
        await using var dashboard = AspireDashboard.Start();
        await using var edge = EdgeProcess.Start(
            ("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("OTEL_EXPORTER_OTLP_ENDPOINT", $"{await dashboard.Grpc}"),
            ("OTEL_SERVICE_NAME", "an-edge"), ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "100"));
        using var client = new HttpClient { BaseAddress = await edge.Listening };
        var (trace, _, header) = SpanCapture.NewTrace();
        await SendAsync(client, "/api/generate");
        await SendAsync(client, "/api/admin/sandbox/kill");
        client.DefaultRequestHeaders.Add("traceparent", header);
        await SendAsync(client, "/api/generate");
        await dashboard.SpansAsync($"{trace}", 3);
        await dashboard.HasMetricsAsync("an-edge");

        await page.Page.GotoAsync(new Uri(await dashboard.Page, $"/traces/detail/{trace}").AbsoluteUri);

        await BrowserPage.SaysAsync(page.Page.Locator("body"), "generate_content gemini-flash-latest");
        await BrowserPage.SaysAsync(page.Page.Locator("body"), "POST /api/{*path}");
        await page.KeepAsync("dashboard-trace");
        await page.Page.GotoAsync(new Uri(await dashboard.Page, "/metrics/resource/an-edge").AbsoluteUri);
        await BrowserPage.SaysAsync(page.Page.Locator("body"), "gen_ai.client.operation.duration");
        await BrowserPage.SaysAsync(page.Page.Locator("body"), "gemini_edge.attempts");
    }

    private static async Task SendAsync(HttpClient client, string target)
    {
        using var response = await client.PostAsJsonAsync(target, new { prompt = "Say hello" }, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
    }
}
