using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Configuration;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Tests.Support;

/// <summary>What a test wants of its edge.</summary>
internal sealed class EdgeSetup
{
    public Hosting Hosting { get; init; } = Hosting.Development;

    /// <summary>Settings, as in the environment; the sandbox's address and keys and no patience are there unless set here.</summary>
    public Dictionary<string, string?> Settings { get; init; } = [];

    /// <summary>How many working keys the sandbox gets, as PRIMARY, SECONDARY, 3…9, each of its own project.</summary>
    public int Keys { get; init; } = 2;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Replaces the connection to the sandbox.</summary>
    public HttpMessageHandler? Upstream { get; init; }

    /// <summary>Connects to the upstream in earnest, and trusts this alone.</summary>
    public X509ChainPolicy? Trust { get; init; }

    /// <summary>Reads the keys of a vault, beside those of the settings.</summary>
    public SecretClient? Vault { get; init; }

    /// <summary>Writes the fleet register; <c>GEMINI_EDGE_FLEET</c> switches it on.</summary>
    public FleetTable? Fleet { get; init; }

    /// <summary>Hears what the edge tells its observers, beside its own.</summary>
    public FailoverObserver? Observer { get; init; }

    /// <summary>Runs before the edge starts, when the sandbox is there.</summary>
    public Action<GeminiSandbox>? Prepare { get; init; }

    /// <summary>Where between 0 and 1 the jitter of refreshes lies.</summary>
    public double Jitter { get; init; } = 0.5;
}

/// <summary>
/// The real edge on a real Kestrel in front of the sandbox. When a test is done with it, everything the edge let out
/// has been searched for key material.
/// </summary>
internal sealed class EdgeHost : IAsyncDisposable
{
    private static readonly string[] Slots = ["PRIMARY", "SECONDARY", "3", "4", "5", "6", "7", "8", "9"];
    private readonly WebApplication _app;

    private EdgeHost(WebApplication app, GeminiSandbox sandbox, IReadOnlyList<SandboxKey> keys, LogCapture log, SecretWatch secrets)
    {
        (_app, Sandbox, Keys, Log, Secrets) = (app, sandbox, keys, log, secrets);
        Url = new Uri(app.Urls.First());
        Client = new HttpClient(new WatchingHandler(secrets, new SocketsHttpHandler { AllowAutoRedirect = false })) { BaseAddress = Url };
    }

    public Uri Url { get; }

    public HttpClient Client { get; }

    public GeminiSandbox Sandbox { get; }

    /// <summary>The sandbox's keys in ring order.</summary>
    public IReadOnlyList<SandboxKey> Keys { get; }

    public SandboxKey Primary => Keys[0];

    public SandboxKey Secondary => Keys[1];

    public LogCapture Log { get; }

    public SecretWatch Secrets { get; }

    public IServiceProvider Services => _app.Services;

    public KeyRing Ring => Services.GetRequiredService<KeyRingProvider>().Current;

    public static async Task<EdgeHost> StartAsync(EdgeSetup? setup = null)
    {
        setup ??= new EdgeSetup();
        var sandbox = await GeminiSandbox.StartAsync(new GeminiSandboxOptions { ChunkDelay = TimeSpan.Zero });
        var secrets = new SecretWatch();
        var settings = new Dictionary<string, string?> { ["GEMINI_BASE_URL"] = sandbox.BaseUrl.ToString(), ["GeminiEdge:Patience"] = "00:00:00" };
        var keys = new List<SandboxKey>();
        for (var i = 0; i < setup.Keys; i++)
        {
            keys.Add(sandbox.AddKey(project: $"projects/{1001 + i}", kind: i % 2 == 0 ? SandboxKeyKind.Auth : SandboxKeyKind.Standard));
            settings[$"GEMINI_API_KEY_{Slots[i]}"] = keys[i].Value;
        }

        setup.Prepare?.Invoke(sandbox);
        settings["GEMINI_KEYVAULT_URI"] = setup.Vault?.VaultUri.AbsoluteUri;
        foreach (var (name, value) in setup.Settings)
        {
            settings[name] = value;
        }

        Watch(settings, secrets);
        var log = new LogCapture();
        var app = Build(setup, settings, log);
        await app.StartAsync();
        return new EdgeHost(app, sandbox, keys, log, secrets);
    }

    /// <summary>Sends a prompt to <c>/api/generate</c>.</summary>
    public Task<HttpResponseMessage> GenerateAsync(string prompt = "Say hello", string? model = null, bool stream = false)
    {
        var body = new JsonObject { ["prompt"] = prompt };
        if (model is not null)
        {
            body["model"] = model;
        }

        if (stream)
        {
            body["stream"] = true;
        }

        return PostAsync("/api/generate", body.ToJsonString());
    }

    /// <summary>Posts JSON; returns as soon as the headers are there.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, string json, Action<HttpRequestMessage>? change = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        change?.Invoke(request);
        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>A native generateContent.</summary>
    public Task<HttpResponseMessage> NativeAsync(string action = "generateContent", string model = "gemini-flash-latest", string prompt = "Say hello") =>
        PostAsync($"/v1beta/models/{model}:{action}", Contents(prompt));

    /// <summary>The body of a native generateContent.</summary>
    public static string Contents(string prompt) =>
        new JsonObject { ["contents"] = new JsonArray(new JsonObject { ["parts"] = new JsonArray(new JsonObject { ["text"] = prompt }) }) }.ToJsonString();

    public static async Task<JsonObject> JsonAsync(HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        await Sandbox.DisposeAsync();
        foreach (var line in Log.Lines)
        {
            Secrets.See("a log line", line);
        }

        Secrets.AssertClean();
    }

    private static void Watch(Dictionary<string, string?> settings, SecretWatch secrets)
    {
        foreach (var (name, value) in settings)
        {
            if (name.StartsWith("GEMINI_API_KEY_", StringComparison.Ordinal) && value is { Length: >= 16 })
            {
                secrets.AddUpstreamKey(value.Trim());
            }

            if (name is "GEMINI_EDGE_CLIENT_KEYS" or "GEMINI_EDGE_ADMIN_KEYS")
            {
                foreach (var key in (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                {
                    secrets.AddCallerKey(key);
                }
            }
        }
    }

    private static WebApplication Build(EdgeSetup setup, Dictionary<string, string?> settings, LogCapture log)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(setup.Time);
        builder.Services.AddSingleton(_ => new LinePipe(log, TimeProvider.System));
        if (setup.Upstream is { } handler)
        {
            builder.Services.AddSingleton(services => new UpstreamClient(services.GetRequiredService<ForwardingOptions>(), handler));
        }

        if (setup.Trust is { } trust)
        {
            builder.Services.AddSingleton(services => UpstreamClient.Create(services.GetRequiredService<ForwardingOptions>(), setup.Time, trust));
        }

        builder.Services.AddSingleton<Jitter>(() => setup.Jitter);
        if (setup.Vault is { } vault)
        {
            builder.Services.AddSingleton(vault);
        }

        if (setup.Fleet is { } fleet)
        {
            builder.Services.AddSingleton(fleet);
        }

        if (setup.Observer is { } observer)
        {
            builder.Services.AddSingleton(observer);
        }

        builder.Services.AddGeminiEdge(builder.Configuration, setup.Hosting);
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0").ConfigureKestrel(EdgeServer.Configure);
        var app = builder.Build();
        app.Run(app.Services.GetRequiredService<Edge>().HandleAsync);
        return app;
    }
}
