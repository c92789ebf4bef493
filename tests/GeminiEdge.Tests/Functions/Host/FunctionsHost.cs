using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>
/// Stands in for the Azure Functions host in front of a published app: routes by the app's functions, asks for keys by
/// their levels, and proxies with the library the host itself uses. As there, host.json decides what kind of app it is.
/// </summary>
internal sealed class FunctionsHost : IAsyncDisposable
{
    /// <summary>The host stops for good at the third exit of its app within half an hour.</summary>
    public const int ExitLimit = 3;

    public const string Version = "4.1037.0.0";

    private const long BodyLimit = 100 * 1024 * 1024;
    private readonly string _appRoot;
    private readonly JsonNode _settings;
    private readonly IReadOnlyList<(string Name, string Value)> _appSettings;
    private readonly SemaphoreSlim _starting = new(1);
    private IHostedApp? _app;
    private HostProxy? _proxy;
    private WebApplication? _front;
    private int _inFlight;

    private FunctionsHost(string appRoot, IReadOnlyList<(string Name, string Value)> appSettings)
    {
        (_appRoot, _appSettings) = (appRoot, appSettings);
        _settings = JsonNode.Parse(File.ReadAllText(Path.Combine(appRoot, "host.json")))!;
    }

    /// <summary>The app's public address.</summary>
    public Uri Url { get; private set; } = null!;

    public string FunctionKey { get; } = NewKey();

    public string MasterKey { get; } = NewKey();

    /// <summary>How often the app ended by itself.</summary>
    public int Exits { get; private set; }

    /// <summary>The records that the host makes of what the app of now says.</summary>
    public LogCapture Log => Process.Log;

    public EdgeProcess Process => _app!.Process;

    /// <summary>Starts the app of a published folder.</summary>
    public static async Task<FunctionsHost> StartAsync(string appRoot, params (string Name, string Value)[] appSettings)
    {
        var host = new FunctionsHost(appRoot, appSettings);
        await host.StartAppAsync();
        var builder = WebApplication.CreateEmptyBuilder(new());
        HostProxy.AddTo(builder.Services);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = BodyLimit;
        });
        host._front = builder.Build();
        host._proxy = new HostProxy(host._front.Services);
        host._front.Run(host.HandleAsync);
        await host._front.StartAsync();
        host.Url = new Uri(host._front.Urls.Single());
        return host;
    }

    /// <summary>As a scale-in does it: nothing new, what is in flight ends, and then the app is killed without a word.</summary>
    public async Task StopAsync()
    {
        // The platform asks now and then whether all has ended; the edge gathers its lines for 5 ms.
        using var asking = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        for (var idle = 0; idle < 2; idle = Volatile.Read(ref _inFlight) == 0 ? idle + 1 : 0)
        {
            await asking.WaitForNextTickAsync();
        }

        Process.Kill();
    }

    public async ValueTask DisposeAsync()
    {
        await _front!.DisposeAsync();
        await _app!.DisposeAsync();
        _proxy!.Dispose();
        _starting.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            if (_app!.Functions.FirstOrDefault(function => function.Matches(context.Request.Path)) is not { } function)
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            }
            else if (!IsAllowed(function, context.Request))
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            }
            else
            {
                await RestartAppIfGoneAsync();
                await _app.ServeAsync(context, function, _proxy!);
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

    private async Task RestartAppIfGoneAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (Process.HasExited)
            {
                Exits++;
                Assert.True(Exits < ExitLimit, $"The host shuts down: its app ended {Exits} times. {Process.Errors}");
                await _app!.DisposeAsync();
                await StartAppAsync();
            }
        }
        finally
        {
            _starting.Release();
        }
    }

    private async Task StartAppAsync()
    {
        var routePrefix = (string?)_settings["extensions"]?["http"]?["routePrefix"] ?? "api";

        // An app inherits the host's own environment.
        (string, string)[] environment = [("ASPNETCORE_URLS", "http://127.0.0.1:1"), .. _appSettings];
        _app = _settings["customHandler"] is null
            ? await IsolatedWorker.StartAsync(_appRoot, routePrefix, environment)
            : await CustomHandler.StartAsync(_appRoot, _settings, routePrefix, environment);
    }

    private static string NewKey() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20)) + "==";
}
