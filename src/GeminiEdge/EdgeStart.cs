using GeminiEdge.Configuration;
using GeminiEdge.Fleet;
using GeminiEdge.Keys;
using GeminiEdge.Telemetry;
using Microsoft.Extensions.Hosting;

namespace GeminiEdge;

/// <summary>
/// Reads the keys before the first request, and says everything that is wrong with the settings. It never stops the
/// app: a Functions host that sees three exits shuts down, and an app that runs can say what it lacks.
/// </summary>
internal sealed class EdgeStart(EdgeSettings settings, KeyRefresher refresher, KeyRingProvider ring, EdgeLog log, FleetReporter? fleet = null) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The keys first: a problem quotes the faulty value, and that may be a key in the wrong place.
        refresher.Start();
        foreach (var problem in settings.Problems)
        {
            log.Configuration(problem, invalid: true);
        }

        if (ring.Current.Keys.IsEmpty && settings.VaultUri is null)
        {
            log.Configuration("No upstream key is configured: set GEMINI_API_KEY_PRIMARY or GEMINI_KEYVAULT_URI, or requests are answered 503.", invalid: false);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => fleet?.StopAsync(cancellationToken) ?? Task.CompletedTask;
}
