using System.Runtime.CompilerServices;
using Azure.Monitor.OpenTelemetry.Exporter;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GeminiEdge.Export;

/// <summary>Sends the edge's spans and metrics to where the settings say.</summary>
public static class TelemetryExport
{
    /// <summary>Wires the exporters that are configured; where none is, nothing listens, and nothing is made to be heard.</summary>
    /// <param name="services">The services of the app.</param>
    /// <param name="configuration">OTEL_EXPORTER_OTLP_ENDPOINT, APPLICATIONINSIGHTS_CONNECTION_STRING, and what their exporters read besides.</param>
    /// <returns>Whether any is configured.</returns>
    public static bool AddTelemetryExport(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var targets = ExportTargets.Read(configuration);
        if (!targets.Warnings.IsEmpty)
        {
            services.AddSingleton(targets).AddHostedService<ExportWarnings>();
        }

        if (targets.IsAny)
        {
            Wire(services, configuration, targets);
        }

        return targets.IsAny;
    }

    // By itself, and no type of theirs in a signature: where nothing is configured, not one of their assemblies is loaded.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Wire(IServiceCollection services, IConfiguration configuration, ExportTargets targets) => services.AddOpenTelemetry()
        .ConfigureResource(resource => Name(resource, configuration))
        .WithTracing(tracing => Trace(tracing.AddSource(EdgeSpans.Name), targets))
        .WithMetrics(metrics => Measure(metrics.AddMeter(EdgeSpans.Name), targets));

    // What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say comes last, and so counts.
    private static void Name(ResourceBuilder resource, IConfiguration configuration) => resource
        .AddService(
            configuration["WEBSITE_SITE_NAME"] ?? "gemini-edge",
            serviceVersion: EdgeVersion.Text,
            autoGenerateServiceInstanceId: configuration["WEBSITE_INSTANCE_ID"] is null,
            serviceInstanceId: configuration["WEBSITE_INSTANCE_ID"])
        .AddEnvironmentVariableDetector();

    private static void Trace(TracerProviderBuilder tracing, ExportTargets targets)
    {
        if (targets.IsOtlp)
        {
            tracing.AddOtlpExporter();
        }

        if (targets.ConnectionString is not null)
        {
            tracing.AddAzureMonitorTraceExporter(options => Configure(options, targets));
        }
    }

    private static void Measure(MeterProviderBuilder metrics, ExportTargets targets)
    {
        if (targets.IsOtlp)
        {
            metrics.AddOtlpExporter();
        }

        if (targets.ConnectionString is not null)
        {
            metrics.AddAzureMonitorMetricExporter(options => Configure(options, targets));
        }
    }

    private static void Configure(AzureMonitorExporterOptions options, ExportTargets targets)
    {
        options.ConnectionString = targets.ConnectionString;
        options.Credential = targets.ClientId is { } id ? AzureCredential.Choose(id.Length > 0 ? id : null) : null;

        // What can't be sent is lost: an edge's disk is not to fill up with it.
        options.DisableOfflineStorage = true;
    }
}
