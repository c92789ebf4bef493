using Azure.Core;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Access;
using GeminiEdge.Configuration;
using GeminiEdge.Endpoints;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Telemetry;
using GeminiEdge.Fleet;
using GeminiEdge.Status;
using GeminiEdge.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GeminiEdge;

/// <summary>Registers the edge.</summary>
public static class GeminiEdgeServiceCollectionExtensions
{
    /// <summary>Adds <see cref="Edge"/> and all it needs; what is registered already (clock, upstream, log) is kept.</summary>
    /// <param name="services">The services of the app.</param>
    /// <param name="configuration">The settings of section "Configuration" in the README, from environment or app settings.</param>
    /// <param name="hosting">Who stands before the edge; it decides who gets in.</param>
    public static IServiceCollection AddGeminiEdge(this IServiceCollection services, IConfiguration configuration, Hosting hosting)
    {
        var read = EdgeConfiguration.Read(configuration, hosting);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(_ => AzureCredential.Choose(read.ClientId));
        services.AddSingleton(read);
        AddLog(services, read.Access);
        AddKeys(services, read.Keys, configuration);
        AddForwarding(services, read.Forwarding);
        AddFleet(services, read.Fleet);
        AddStatus(services);
        AddEndpoints(services, read);
        services.AddHostedService<EdgeStart>();
        services.Configure<SocketTransportOptions>(EdgeServer.Configure);
        return services;
    }

    private static void AddLog(IServiceCollection services, AccessOptions access)
    {
        services.TryAddSingleton(provider => new LinePipe(StandardStreams.OpenOutput(), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<LineOutput>(provider => provider.GetRequiredService<LinePipe>().Write);
        services.AddSingleton(new KeyMask([.. access.ClientKeys.Values, .. access.AdminKeys.Values]));
        services.AddSingleton<JsonLines>();
        services.AddSingleton<FailoverObserver, AttemptLines>();
        services.AddSingleton<ModelNames>();
        services.AddSingleton<FailoverObserver, AttemptSpans>();
        services.AddSingleton<FailoverObserver, FailoverMetrics>();
        services.AddSingleton<ILoggerProvider, EventLines>();
        services.AddLogging(logging => logging
            .AddFilter(EventLines.OwnCategories, LogLevel.Information)
            .AddFilter<EventLines>(EventLines.Hosting, LogLevel.None));
    }

    private static void AddKeys(IServiceCollection services, KeyOptions options, IConfiguration configuration)
    {
        services.AddSingleton(options);
        services.AddSingleton<KeyRingProvider>();
        services.TryAddSingleton(Jitters.Random);
        if (options.VaultUri is { } vault)
        {
            services.TryAddSingleton(provider => VaultClient.Create(vault, provider.GetRequiredService<TokenCredential>()));
            services.AddSingleton<VaultKeySource>();
        }

        services.AddSingleton<StartKeys>(new SettingsKeySource(configuration).Read);
        services.AddSingleton(provider => new KeySources(
            provider.GetRequiredService<StartKeys>(),
            provider.GetService<VaultKeySource>(),
            provider.GetRequiredService<KeyRingProvider>(),
            provider.GetRequiredService<KeyMask>(),
            provider.GetRequiredService<ILogger<KeySources>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<KeyRefresher>();
    }

    private static void AddForwarding(IServiceCollection services, ForwardingOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(provider => UpstreamClient.Create(options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new MemoryBudget(options.BufferLimit, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ResourceOwners>();
        services.AddSingleton<KeyProjects>();
        services.AddSingleton(provider => new ModelMemory(options.ModelPins, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Observers>();
        services.AddSingleton<Forwarder>();
        services.AddSingleton<KeyProber>();
    }

    private static void AddFleet(IServiceCollection services, FleetOptions? options)
    {
        if (options is not null)
        {
            services.AddSingleton(options);
            services.AddSingleton<FleetCounts>();
            services.AddSingleton<FailoverObserver>(provider => provider.GetRequiredService<FleetCounts>());
            services.TryAddSingleton(provider => new FleetTable(
                options.Endpoint, provider.GetRequiredService<TokenCredential>(), provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<FleetReporter>();
        }
    }

    private static void AddStatus(IServiceCollection services)
    {
        services.AddSingleton<StatusBoard>();
        services.AddSingleton<FailoverObserver>(provider => provider.GetRequiredService<StatusBoard>());
        services.AddSingleton<StatusJson>();
        services.AddSingleton(provider => new FleetLook(
            provider.GetRequiredService<TimeProvider>(), provider.GetService<FleetOptions>(), provider.GetService<FleetTable>(), provider.GetService<SecretClient>()));
        services.AddSingleton<StatusSnapshot>();
        services.AddSingleton<StatusNews>();
        services.AddSingleton<StatusFeed>();
        services.AddSingleton<StatusEndpoint>();
        services.AddSingleton<SandboxEndpoint>();
        services.AddSingleton<StatusPage>();
        services.AddSingleton<StatusRoutes>();
    }

    private static void AddEndpoints(IServiceCollection services, EdgeConfiguration configuration)
    {
        services.AddSingleton(configuration.Access);
        services.AddSingleton(configuration.Origin);
        services.AddSingleton(configuration.Shutdown);
        services.AddSingleton<Shutdown>();
        services.Configure<HostOptions>(host => host.ShutdownTimeout = configuration.Shutdown.Grace + ShutdownOptions.LastWords);
        services.AddSingleton<Doorkeeper>();
        services.AddSingleton<SignedUploads>();
        services.AddSingleton<ClientRefusals>();
        services.AddSingleton(provider => new ConnectionLimit(
            OpenFiles.Connections(), provider.GetRequiredService<ILogger<ConnectionLimit>>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<RestOfBody>();
        services.AddSingleton<ErrorWriter>();
        services.AddSingleton<FailureWriter>();
        services.AddSingleton<FallbackHeader>();
        services.AddSingleton<BodyReader>();
        services.AddSingleton<UploadUrls>();
        services.AddSingleton<AnswerCopier>();
        services.AddSingleton<HealthEndpoint>();
        services.AddSingleton<GenerateStream>();
        services.AddSingleton<GenerateEndpoint>();
        services.AddSingleton<OpenApiEndpoint>();
        services.AddSingleton<NativeEndpoint>();
        services.AddSingleton<AdminEndpoints>();
        services.AddSingleton(Create);
    }

    private static Edge Create(IServiceProvider provider) => new(
        provider.GetRequiredService<EdgeConfiguration>(),
        provider.GetRequiredService<Doorkeeper>(),
        provider.GetRequiredService<SignedUploads>(),
        provider.GetRequiredService<HealthEndpoint>(),
        provider.GetRequiredService<GenerateEndpoint>(),
        provider.GetRequiredService<OpenApiEndpoint>(),
        provider.GetRequiredService<NativeEndpoint>(),
        provider.GetRequiredService<AdminEndpoints>(),
        provider.GetRequiredService<StatusRoutes>(),
        provider.GetRequiredService<ErrorWriter>(),
        provider.GetRequiredService<KeyMask>(),
        provider.GetRequiredService<ILogger<Edge>>());
}
