using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GeminiEdge.Failover;

/// <summary>One ring of keys, what is remembered of them, and one pool of connections, for all who send through it.</summary>
internal sealed class FailoverCore : IDisposable
{
    private readonly UpstreamClient _client;
    private readonly FailoverMetrics _metrics;

    /// <param name="loggers">Hears of each attempt and of what happens to the keys.</param>
    /// <param name="upstream">Replaces the connection to Google.</param>
    /// <param name="vault">Replaces the connection to the vault that the options name.</param>
    public FailoverCore(
        GeminiFailoverOptions options, ILoggerFactory? loggers = null, TimeProvider? time = null, HttpMessageHandler? upstream = null, SecretClient? vault = null)
    {
        var given = GivenKeys.Of(options);
        (loggers, time) = (loggers ?? NullLoggerFactory.Instance, time ?? TimeProvider.System);
        (Options, HasVault, Time) = (given.Forwarding, given.Keys.VaultUri is not null, time);
        BaseUri = new Uri(Options.BaseUrl + "/");
        if (given.Keys.VaultUri is { } address)
        {
            vault ??= VaultClient.Create(address, options.Credential ?? AzureCredential.Choose(ClientId(options)));
        }

        var ring = new KeyRingProvider(time, Mask, loggers.CreateLogger<KeyRingProvider>());
        var sources = new KeySources(given.Start, HasVault ? new VaultKeySource(vault!, time) : null, ring, Mask, loggers.CreateLogger<KeySources>(), time);
        var refresher = new KeyRefresher(given.Keys, sources, ring, Jitters.Random, time);
        var models = new ModelNames(Mask);
        _metrics = new FailoverMetrics(Options, ring, models, time);
        var observers = new Observers([new AttemptLog(loggers.CreateLogger<AttemptLog>(), Mask), new AttemptSpans(Options, models, Mask), _metrics]);
        _client = upstream is null ? UpstreamClient.Create(Options, time) : new UpstreamClient(Options, upstream);
        Forwarder = new Forwarder(Options, refresher, _client, new ResourceOwners(), new KeyProjects(), new ModelMemory(Options.ModelPins, time), observers, Mask, Jitters.Random, loggers.CreateLogger<Forwarder>(), time);
        Bodies = new MemoryBudget(Options.BufferLimit, time);
        refresher.Start();
        _client.Warm();
    }

    public ForwardingOptions Options { get; }

    /// <summary>The upstream, with a slash at its end.</summary>
    public Uri BaseUri { get; }

    /// <summary>The keys come from a vault.</summary>
    public bool HasVault { get; }

    public TimeProvider Time { get; }

    public KeyMask Mask { get; } = new();

    public Forwarder Forwarder { get; }

    /// <summary>The memory of request bodies.</summary>
    public MemoryBudget Bodies { get; }

    public void Dispose()
    {
        _client.Dispose();
        _metrics.Dispose();
    }

    // Which user-assigned identity an app has, Azure says in its environment.
    private static string? ClientId(GeminiFailoverOptions options) =>
        (options.Configuration is { } configuration ? configuration["AZURE_CLIENT_ID"] : Environment.GetEnvironmentVariable("AZURE_CLIENT_ID")) is { Length: > 0 } id ? id : null;
}
