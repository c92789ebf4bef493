using System.Diagnostics;
using System.Reflection;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Telemetry;

/// <summary>A real receiver: the Aspire dashboard, as it was restored with the tests' packages, on ports of its own choice.</summary>
internal sealed partial class AspireDashboard : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _client = new();
    private readonly TaskCompletionSource<Uri> _page = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Uri> _grpc = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Uri> _http = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AspireDashboard(Process process) => _process = process;

    /// <summary>Where people look at it.</summary>
    public Task<Uri> Page => _page.Task.WaitAsync(Patience.Limit);

    /// <summary>Where it takes OTLP over gRPC.</summary>
    public Task<Uri> Grpc => _grpc.Task.WaitAsync(Patience.Limit);

    /// <summary>Where it takes OTLP over HTTP.</summary>
    public Task<Uri> Http => _http.Task.WaitAsync(Patience.Limit);

    private static string Executable => typeof(AspireDashboard).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "AspireDashboard").Value!;

    [UnsupportedOSPlatform("windows")]
    public static AspireDashboard Start()
    {
        // The package carries it without its execute bit.
        File.SetUnixFileMode(Executable, File.GetUnixFileMode(Executable) | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo(Executable) { WorkingDirectory = Path.GetDirectoryName(Executable)!, RedirectStandardOutput = true };
        start.Environment["ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"] = "true";
        start.Environment["Dashboard__Api__Enabled"] = "true";
        foreach (var endpoint in (string[])["ASPNETCORE_URLS", "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"])
        {
            start.Environment[endpoint] = "http://127.0.0.1:0";
        }

        var dashboard = new AspireDashboard(new Process { StartInfo = start });
        dashboard._process.OutputDataReceived += (_, line) => dashboard.Read(line.Data ?? "");
        dashboard._process.Start();
        dashboard._process.BeginOutputReadLine();
        return dashboard;
    }

    /// <summary>The spans of a trace, by their names, once there are so many.</summary>
    public async Task<IReadOnlyDictionary<string, JsonNode>> SpansAsync(string trace, int count)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (true)
        {
            var all = await GetAsync("api/telemetry/spans", patience.Token);
            var spans = all["data"]!["resourceSpans"]!.AsArray().SelectMany(resource => resource!["scopeSpans"]!.AsArray()).SelectMany(scope => scope!["spans"]!.AsArray())
                .Where(span => (string?)span!["traceId"] == trace).ToList();
            if (spans.Count >= count)
            {
                return spans.ToDictionary(span => $"{span!["name"]} {Attribute(span, "gemini_edge.slot")}".Trim(), span => span!);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>Waits until it has metrics of a service.</summary>
    public async Task HasMetricsAsync(string service)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (!(await GetAsync("api/telemetry/resources", patience.Token)).AsArray().Any(resource => (string?)resource!["name"] == service && (bool)resource["hasMetrics"]!))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }

    public static string? Attribute(JsonNode span, string name) =>
        (string?)span["attributes"]!.AsArray().SingleOrDefault(attribute => (string?)attribute!["key"] == name)?["value"]!["stringValue"];

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _client.Dispose();
    }

    private async Task<JsonNode> GetAsync(string path, CancellationToken cancellationToken) =>
        JsonNode.Parse(await _client.GetStringAsync(new Uri(await Page.WaitAsync(cancellationToken), path), cancellationToken))!;

    private void Read(string line)
    {
        if (Listening().Match(line) is { Success: true } match)
        {
            var to = match.Groups[1].Value switch { "Now" => _page, "OTLP/gRPC" => _grpc, _ => _http };
            to.TrySetResult(new Uri(match.Groups[2].Value));
        }
    }

    [GeneratedRegex(@"^\s*(Now|OTLP/gRPC|OTLP/HTTP) listening on: (http\S+)$")]
    private static partial Regex Listening();
}
