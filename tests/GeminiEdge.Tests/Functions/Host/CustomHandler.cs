using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>The custom handler of a published folder, started as the Functions host does it: the folder's own function.json files, one executable, one port.</summary>
internal sealed class CustomHandler : IHostedApp
{
    private readonly Uri _url;

    private CustomHandler(EdgeProcess process, Uri url, IReadOnlyList<DeployedFunction> functions) =>
        (Process, _url, Functions) = (process, url, functions);

    public IReadOnlyList<DeployedFunction> Functions { get; }

    public EdgeProcess Process { get; }

    /// <summary>Starts it and polls its root until there is any answer at all.</summary>
    public static async Task<CustomHandler> StartAsync(string appRoot, JsonNode host, string routePrefix, IEnumerable<(string Name, string Value)> appSettings)
    {
        var settings = host["customHandler"]!;
        if ((bool?)settings["enableProxyingHttpRequest"] != true)
        {
            throw new InvalidOperationException("Only a handler that requests are proxied to can stream.");
        }

        var port = FreePort();
        var process = EdgeProcess.StartAt(Path.Combine(appRoot, (string)settings["description"]!["defaultExecutablePath"]!), appRoot, [],
        [
            .. appSettings,
            ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{port}"), ("FUNCTIONS_HTTPWORKER_PORT", $"{port}"), ("FUNCTIONS_APP_ROOT_PATH", appRoot),
        ]);
        var handler = new CustomHandler(process, new Uri($"http://127.0.0.1:{port}/"), DeployedFunction.Of(appRoot, routePrefix));
        try
        {
            await handler.PollAsync();
            return handler;
        }
        catch
        {
            await handler.DisposeAsync();
            throw;
        }
    }

    public Task ServeAsync(HttpContext context, DeployedFunction function, HostProxy proxy)
    {
        NameInvocation(context.Request);
        return proxy.SendAsync(context, _url);
    }

    /// <summary>The headers by which the host tells a handler which invocation this is; what a client sent is overwritten.</summary>
    public static void NameInvocation(HttpRequest request)
    {
        request.Headers["X-Azure-Functions-InvocationId"] = $"{Guid.NewGuid()}";
        request.Headers["X-Azure-Functions-HostVersion"] = FunctionsHost.Version;
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private async Task PollAsync()
    {
        using var client = new HttpClient();
        using var patience = new CancellationTokenSource(Patience.Limit);
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (true)
        {
            Assert.False(Process.HasExited, $"The handler ended at its start: {Process.Errors}");
            try
            {
                using var answer = await client.GetAsync(_url, patience.Token);
                return;
            }
            catch (HttpRequestException)
            {
                await pace.WaitForNextTickAsync(patience.Token);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
