using Azure.Core;
using GeminiEdge.Access;
using GeminiEdge.Configuration;
using GeminiEdge.Endpoints;
using GeminiEdge.Fleet;
using GeminiEdge.Forwarding;
using GeminiEdge.Keys;
using GeminiEdge.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
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
        var settings = EdgeSettings.Read(configuration, hosting);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        AddLog(services, settings);

        services.TryAddSingleton(_ => AzureCredential.Choose(settings));
        AddKeys(services, settings, configuration);
        AddFleet(services, settings);

        services.TryAddSingleton(_ => new UpstreamClient(settings, UpstreamClient.CreateHandler(settings)));
        services.AddSingleton(new BodyBudget(settings.Options.BufferLimit));
        services.AddSingleton<ResourceOwners>();
        services.AddSingleton<KeyProjects>();
        services.AddSingleton<Forwarder>();
        services.AddSingleton<AnswerCopier>();
        services.AddSingleton<KeyProber>();

        services.AddSingleton<Doorkeeper>();
        services.AddSingleton<ErrorWriter>();
        services.AddSingleton<FailureWriter>();
        services.AddSingleton<BodyReader>();
        services.AddSingleton<HealthEndpoint>();
        services.AddSingleton<GenerateStream>();
        services.AddSingleton<GenerateEndpoint>();
        services.AddSingleton<NativeEndpoint>();
        services.AddSingleton<AdminEndpoints>();
        services.AddSingleton(Create);
        services.AddHostedService<EdgeStart>();
        return services;
    }

    private static void AddKeys(IServiceCollection services, EdgeSettings settings, IConfiguration configuration)
    {
        services.AddSingleton(new SettingsKeySource(configuration));
        services.AddSingleton<KeyRingProvider>();
        services.TryAddSingleton(Jitters.Random);
        if (settings.VaultUri is not null)
        {
            services.TryAddSingleton(provider => VaultClient.Create(settings.VaultUri, provider.GetRequiredService<TokenCredential>()));
            services.AddSingleton<VaultKeySource>();
        }

        services.AddSingleton(provider => new KeySources(
            provider.GetRequiredService<SettingsKeySource>(),
            provider.GetService<VaultKeySource>(),
            provider.GetRequiredService<KeyRingProvider>(),
            provider.GetRequiredService<EdgeLog>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<KeyRefresher>();
    }

    private static void AddFleet(IServiceCollection services, EdgeSettings settings)
    {
        if (settings.Fleet is { } fleet)
        {
            services.AddSingleton(fleet);
            services.AddSingleton<FleetCounts>();
            services.TryAddSingleton(provider => new FleetTable(
                fleet.Endpoint, provider.GetRequiredService<TokenCredential>(), provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<FleetReporter>();
        }
    }

    private static void AddLog(IServiceCollection services, EdgeSettings settings)
    {
        services.AddSingleton(new KeyMask([.. settings.ClientKeys.Values, .. settings.AdminKeys.Values]));
        services.AddSingleton<EdgeLog>();
        services.TryAddSingleton(provider => new LinePipe(Console.OpenStandardOutput(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<LogSink, JsonLineSink>();
        services.AddSingleton<ILoggerProvider, FrameworkLog>();
    }

    private static Edge Create(IServiceProvider provider) => new(
        provider.GetRequiredService<EdgeSettings>(),
        provider.GetRequiredService<Doorkeeper>(),
        provider.GetRequiredService<HealthEndpoint>(),
        provider.GetRequiredService<GenerateEndpoint>(),
        provider.GetRequiredService<NativeEndpoint>(),
        provider.GetRequiredService<AdminEndpoints>(),
        provider.GetRequiredService<ErrorWriter>(),
        provider.GetRequiredService<KeyMask>(),
        provider.GetRequiredService<EdgeLog>());
}
