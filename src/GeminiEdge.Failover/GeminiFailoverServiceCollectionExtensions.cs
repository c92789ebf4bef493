using Azure.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Failover;

/// <summary>Registers the failover in an app of one's own.</summary>
public static class GeminiFailoverServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="GeminiFailoverClient"/> and, for an <c>HttpClient</c>'s primary handler, <see cref="GeminiFailoverHandler"/>: one
    /// ring, one memory of keys and one pool of connections for all of them. Each attempt is an <see cref="ILogger"/> event.
    /// </summary>
    /// <param name="services">The services of the app.</param>
    /// <param name="configure">Names the source of keys: exactly one of <c>Keys</c>, <c>Configuration</c> and <c>VaultUri</c>.</param>
    /// <exception cref="InvalidOperationException">
    /// At once, not at the first call: no source, more than one, a key that can't be one, or a second call for the same services. The
    /// message says what to do.
    /// </exception>
    public static IServiceCollection AddGeminiFailover(this IServiceCollection services, Action<GeminiFailoverOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        if (services.Any(service => service.ServiceType == typeof(FailoverCore)))
        {
            throw new InvalidOperationException("AddGeminiFailover was called twice: call it once, with all the keys; one ring serves every client of the app.");
        }

        var options = new GeminiFailoverOptions();
        configure(options);
        GivenKeys.Of(options);
        services.AddSingleton(provider => new FailoverCore(options, provider.GetService<ILoggerFactory>(), provider.GetService<TimeProvider>()));
        services.AddTransient(provider => new GeminiFailoverHandler(provider.GetRequiredService<FailoverCore>(), ownsCore: false));
        services.AddSingleton(provider => new GeminiFailoverClient(provider.GetRequiredService<FailoverCore>(), ownsCore: false));
        return services;
    }

    /// <summary>The same with these keys, the first one first.</summary>
    /// <inheritdoc cref="AddGeminiFailover(IServiceCollection, Action{GeminiFailoverOptions})"/>
    public static IServiceCollection AddGeminiFailover(this IServiceCollection services, params IEnumerable<string> keys) =>
        services.AddGeminiFailover(options => options.Keys = [.. keys]);

    /// <summary>The same with an edge's settings: <c>GEMINI_API_KEY_PRIMARY</c>, <c>_SECONDARY</c>, … or <c>GEMINI_KEYVAULT_URI</c>.</summary>
    /// <inheritdoc cref="AddGeminiFailover(IServiceCollection, Action{GeminiFailoverOptions})"/>
    public static IServiceCollection AddGeminiFailover(this IServiceCollection services, IConfiguration configuration) =>
        services.AddGeminiFailover(options => options.Configuration = configuration);

    /// <summary>The same with the keys of a vault, which are read anew while requests come.</summary>
    /// <param name="services">The services of the app.</param>
    /// <param name="vault">As <c>https://my-vault.vault.azure.net/</c>.</param>
    /// <param name="credential">Who reads it; null for the managed identity in Azure, elsewhere whoever is signed in.</param>
    public static IServiceCollection AddGeminiFailover(this IServiceCollection services, Uri vault, TokenCredential? credential = null) =>
        services.AddGeminiFailover(options => (options.VaultUri, options.Credential) = (vault, credential));
}
