using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>
/// Stands in for the Azure Functions host in front of a published custom handler: routes by the folder's own
/// function.json files, asks for keys by their levels, and proxies with the library the host itself uses.
/// </summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    /// <summary>The host stops for good at the third exit of its handler within half an hour.</summary>
    public const int ExitLimit = 3;

    private const long BodyLimit = 100 * 1024 * 1024;
    private readonly string _appRoot;
    private readonly string _executable;
    private readonly IReadOnlyList<(string Name, string Value)> _appSettings;
    private readonly IReadOnlyList<DeployedFunction> _functions;
    private readonly SemaphoreSlim _starting = new(1);
    private HandlerProcess? _handler;
    private HostProxy? _proxy;
    private WebApplication? _app;
    private int _inFlight;

    private FunctionsHost(string appRoot, IReadOnlyList<(string Name, string Value)> appSettings)
    {
        var host = JsonNode.Parse(File.ReadAllText(Path.Combine(appRoot, "host.json")))!;
        var custom = host["customHandler"] ?? throw new InvalidOperationException("host.json names no custom handler.");
        if ((bool?)custom["enableProxyingHttpRequest"] != true)
        {
            throw new InvalidOperationException("Only a handler that requests are proxied to can stream.");
        }

        (_appRoot, _appSettings) = (appRoot, appSettings);
        _executable = (string)custom["description"]!["defaultExecutablePath"]!;
        _functions = DeployedFunction.Of(appRoot, (string?)host["extensions"]?["http"]?["routePrefix"] ?? "api");
    }

    /// <summary>The app's public address.</summary>
    public Uri Url { get; private set; } = null!;

    public string FunctionKey { get; } = NewKey();

    public string MasterKey { get; } = NewKey();

    /// <summary>How often the handler ended by itself.</summary>
    public int Exits { get; private set; }

    /// <summary>What the handler of now has written to standard output.</summary>
    public LogCapture Log => Handler.Log;

    public HandlerProcess Handler => _handler!;

    /// <summary>Starts the app of a published folder.</summary>
    public static async Task<FunctionsHost> StartAsync(string appRoot, params (string Name, string Value)[] appSettings)
    {
        var host = new FunctionsHost(appRoot, appSettings);
        await host.StartHandlerAsync();
        var builder = WebApplication.CreateEmptyBuilder(new());
        HostProxy.AddTo(builder.Services);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = BodyLimit;
        });
        host._app = builder.Build();
        host._proxy = new HostProxy(host._app.Services);
        host._app.Run(host.HandleAsync);
        await host._app.StartAsync();
        host.Url = new Uri(host._app.Urls.Single());
        return host;
    }

    /// <summary>As a scale-in does it: nothing new, what is in flight ends, and then the handler is killed without a word.</summary>
    public async Task StopAsync()
    {
        // The platform asks now and then whether all has ended; the edge gathers its lines for 5 ms.
        using var asking = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        for (var idle = 0; idle < 2; idle = Volatile.Read(ref _inFlight) == 0 ? idle + 1 : 0)
        {
            await asking.WaitForNextTickAsync();
        }

        Handler.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.DisposeAsync();
        await Handler.DisposeAsync();
        _proxy!.Dispose();
        _starting.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            if (_functions.FirstOrDefault(function => function.Matches(context.Request.Path)) is not { } function)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
            else if (!IsAllowed(function, context.Request))
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }
            else
            {
                await RestartHandlerIfGoneAsync();
                await _proxy!.SendAsync(context, Handler.Url);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private bool IsAllowed(DeployedFunction function, HttpRequest request)
    {
        var presented = request.Headers["x-functions-key"].FirstOrDefault() ?? request.Query["code"].FirstOrDefault();
        return function.AuthLevel switch
        {
            "anonymous" => true,
            "function" => presented == FunctionKey || presented == MasterKey,
            _ => presented == MasterKey,
        };
    }

    private async Task RestartHandlerIfGoneAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (Handler.HasExited)
            {
                Exits++;
                Assert.True(Exits < ExitLimit, $"The host shuts down: its handler ended {Exits} times. {Handler.Errors}");
                await Handler.DisposeAsync();
                await StartHandlerAsync();
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task StartHandlerAsync() => _handler = await HandlerProcess.StartAsync(_appRoot, _executable, _appSettings);

    private static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)) + "==";
}
