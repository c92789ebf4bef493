using GeminiEdge;
using GeminiEdge.Configuration;
using GeminiEdge.Export;
using GeminiEdge.Functions;
using GeminiEdge.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Azure.Functions.Worker.OpenTelemetry;

StandardStreams.Secure();
StraySettings.Forget();
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();

// Lines on standard output, as the native executable writes them: the host drops a worker's log records outside an invocation.
builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning);
builder.Services.AddGeminiEdge(builder.Configuration, Hosting.IsolatedWorker);
if (builder.Services.AddTelemetryExport(builder.Configuration))
{
    builder.Services.AddOpenTelemetry().UseFunctionsWorkerDefaults();
}

builder.Services.Configure<KestrelServerOptions>(EdgeServer.Configure);

builder.Build().Run();
