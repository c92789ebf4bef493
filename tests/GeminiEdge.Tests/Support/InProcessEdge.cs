using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Configuration;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GeminiEdge.Tests.Support;

/// <summary>What a caller in the same process got.</summary>
/// <param name="IsCut">The edge ended the connection instead of the answer.</param>
internal sealed record EdgeAnswer(int Status, IHeaderDictionary Headers, string Body, bool IsCut = false)
{
    public string? Header(string name) => Headers[name].ToString() is { Length: > 0 } value ? value : null;
}

/// <summary>
/// The edge without sockets, for tests of thousands of requests. With an upstream that answers on the spot a request
/// runs from beginning to end on its caller's thread, so that what happens in which order is the test's choice.
/// </summary>
internal sealed class InProcessEdge : IDisposable
{
    private static readonly string[] Slots = ["PRIMARY", "SECONDARY", "3", "4", "5", "6", "7", "8", "9"];
    private readonly ServiceProvider _services;
    private readonly Edge _edge;
    private readonly ConcurrentQueue<string> _log = new();

    public InProcessEdge(
        IReadOnlyList<string> keys, HttpMessageHandler upstream, TimeProvider time, Dictionary<string, string?>? settings = null, Jitter? jitter = null, KeyOptions? keyOptions = null,
        SecretClient? vault = null, FleetTable? fleet = null)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(keys.Select((key, i) => KeyValuePair.Create($"GEMINI_API_KEY_{Slots[i]}", (string?)key)))
            .AddInMemoryCollection(settings ?? [])
            .AddInMemoryCollection([KeyValuePair.Create("GEMINI_KEYVAULT_URI", vault?.VaultUri.AbsoluteUri), KeyValuePair.Create("GEMINI_EDGE_FLEET", fleet?.Endpoint.AbsoluteUri)])
            .Build();
        var services = new ServiceCollection().AddSingleton(time).AddSingleton(jitter ?? Jitters.Random);
        services.AddSingleton(provider => new UpstreamClient(provider.GetRequiredService<ForwardingOptions>(), upstream));
        services.AddSingleton<LineOutput>(line => _log.Enqueue(Encoding.UTF8.GetString(line)));
        if (vault is not null)
        {
            services.AddSingleton(vault);
        }

        if (fleet is not null)
        {
            services.AddSingleton(fleet);
        }

        services.AddGeminiEdge(configuration, Hosting.Development);
        if (keyOptions is not null)
        {
            services.AddSingleton(keyOptions);
        }

        _services = services.BuildServiceProvider();
        _services.GetRequiredService<IHostedService>().StartAsync(CancellationToken.None).GetAwaiter().GetResult();
        _edge = _services.GetRequiredService<Edge>();
    }

    /// <summary>Settings for tests of what happens when no key is left: nobody waits on a clock that nobody moves.</summary>
    public static Dictionary<string, string?> NoPatience => new() { ["GeminiEdge:Patience"] = "00:00:00" };

    /// <summary>What bodies and answers hold of the memory now, in bytes.</summary>
    public long MemoryUsed => _services.GetRequiredService<MemoryBudget>().Used;

    public KeyRing Ring => _services.GetRequiredService<KeyRingProvider>().Current;

    /// <summary>Every event so far, one line of JSON each.</summary>
    public IReadOnlyCollection<string> Log => _log;

    public Task<EdgeAnswer> GenerateAsync(string model = "a") => SendAsync("/api/generate", $$"""{"prompt":"Say hello","model":"{{model}}"}""");

    public Task<EdgeAnswer> NativeAsync(string model = "a", string action = "generateContent") =>
        SendAsync($"/v1beta/models/{model}:{action}", EdgeHost.Contents("Say hello"));

    public Task<EdgeAnswer> SendAsync(string target, string? body = null, string verb = "POST") =>
        SendUntilAsync(target, body, verb, userAgent: null, CancellationToken.None);

    /// <summary>Sends a request whose caller can leave; the upstream knows it by its user agent.</summary>
    public async Task<EdgeAnswer> SendUntilAsync(string target, string? body, string verb, string? userAgent, CancellationToken aborted, (string Name, string Value)? header = null)
    {
        var lifetime = new CallerLifetime { RequestAborted = aborted };
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        var request = context.Features.GetRequiredFeature<IHttpRequestFeature>();
        (request.Method, request.RawTarget) = (verb, target);
        context.Request.Path = target.Split('?')[0];
        context.Request.Host = new HostString("localhost");
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        context.Request.Headers.UserAgent = userAgent;
        if (header is { } extra)
        {
            context.Request.Headers[extra.Name] = extra.Value;
        }

        if (body is not null)
        {
            context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
            context.Request.ContentLength = context.Request.Body.Length;
            context.Request.ContentType = "application/json";
        }

        var output = new MemoryStream();
        context.Response.Body = output;
        await _edge.HandleAsync(context);
        await context.Response.BodyWriter.FlushAsync(CancellationToken.None);
        return new EdgeAnswer(context.Response.StatusCode, context.Response.Headers, Encoding.UTF8.GetString(output.ToArray()), lifetime.IsCut);
    }

    /// <summary>Ends as its process would: what has not been written is.</summary>
    public Task StopAsync() => _services.GetRequiredService<IHostedService>().StopAsync(CancellationToken.None);

    public void Dispose() => _services.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
