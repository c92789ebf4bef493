using GeminiEdge.Failover.Keys;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Export;

/// <summary>Says which settings are passed over.</summary>
internal sealed class ExportWarnings(ExportTargets targets, ILogger<ExportWarnings> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in targets.Warnings)
        {
            log.ConfigurationWarning(warning);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
