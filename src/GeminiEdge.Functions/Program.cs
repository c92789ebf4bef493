using GeminiEdge;
using GeminiEdge.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();

builder.Services.AddGeminiEdge(builder.Configuration, Hosting.IsolatedWorker);

// The edge bounds each body itself; Kestrel's own limit would turn a long upload into a 500.
builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MaxRequestBodySize = null);

// ASP.NET Core's request lines hold the query string, and with it ?code= and ?key=.
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);

builder.Build().Run();
