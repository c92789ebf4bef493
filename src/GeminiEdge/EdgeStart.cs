using GeminiEdge.Configuration;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using GeminiEdge.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GeminiEdge;

/// <summary>
/// Reads the keys and opens a connection before the first request, and says everything that is wrong with the settings. It never stops the
/// app: a Functions host that sees three exits shuts down, and an app that runs can say what it lacks.
/// </summary>
internal sealed class EdgeStart(
    EdgeConfiguration configuration, KeyRefresher refresher, KeyRingProvider ring, KeyMask mask, UpstreamClient upstream, ILogger<EdgeStart> log,
    TimeProvider time, FleetReporter? fleet = null) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The keys first: a problem quotes the faulty value, and that may be a key in the wrong place.
        refresher.Start();
        foreach (var problem in configuration.Problems)
        {
            log.ConfigurationInvalid(mask.Clean(problem));
        }

        var hasNoKey = ring.Current.Keys.IsEmpty && configuration.Keys.VaultUri is null;
        if (hasNoKey)
        {
            log.ConfigurationWarning("No upstream key is configured: set GEMINI_API_KEY_PRIMARY or GEMINI_KEYVAULT_URI, or requests are answered 503.");
        }

        if (hasNoKey && configuration.HasStrayKey)
        {
            log.ConfigurationWarning(EdgeConfiguration.StrayKey);
        }

        if (configuration.Access.RefusesEveryone)
        {
            log.ConfigurationWarning("Every caller is refused: no key is set for them, and this is no run in Development. Set GEMINI_EDGE_CLIENT_KEYS.");
        }

        if (!hasNoKey && configuration.Problems.IsEmpty)
        {
            // Beside the first reading of the keys. An edge that answers 503 to everything has nobody to talk to.
            upstream.Warm();
            _ = Rehearsal.BeginAsync(upstream, time);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => fleet?.StopAsync(cancellationToken) ?? Task.CompletedTask;
}
