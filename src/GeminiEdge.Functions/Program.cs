using GeminiEdge;
using GeminiEdge.Configuration;
using GeminiEdge.Functions;
using GeminiEdge.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;

StandardStreams.Secure();
StraySettings.Forget();
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();

// Lines on standard output, as the native executable writes them: the host drops a worker's log records outside an invocation.
builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning);
builder.Services.AddGeminiEdge(builder.Configuration, Hosting.IsolatedWorker);
builder.Services.Configure<KestrelServerOptions>(kestrel =>
{
    kestrel.AddServerHeader = false;

    // The edge bounds each body itself; Kestrel's own limit would turn a long upload into a 500.
    kestrel.Limits.MaxRequestBodySize = null;
});

builder.Build().Run();
