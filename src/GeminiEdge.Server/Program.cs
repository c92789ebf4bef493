using GeminiEdge;
using GeminiEdge.Export;
using GeminiEdge.Server;
using GeminiEdge.Telemetry;

StandardStreams.Secure();
InlineSockets.Enable();
var arguments = Arguments.Read(args, onHost: Environment.GetEnvironmentVariable(ListenAddress.HostPort) is { Length: > 0 });
if (arguments.Ends is { } exitCode)
{
    return exitCode;
}

// Nothing but the edge's own settings counts: a stray one of ASP.NET Core (Kestrel__…, Logging__…, a content root) would
// end the process at its start, and three ends stop the Functions host.
var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
{
    ContentRootPath = AppContext.BaseDirectory,
    EnvironmentName = Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT"),
});
builder.Configuration.AddEnvironmentVariables();
var address = ListenAddress.Of(arguments.Urls, builder.Configuration, builder.Environment);
if (address.Fault is { } fault)
{
    return Arguments.Fail(fault, ExitCode.Usage);
}

if (arguments.AsksHealth)
{
    return await HealthCheck.RunAsync(address);
}

await using var sandbox = await LocalSandbox.StartWhenNeededAsync(builder);

builder.Logging.SetMinimumLevel(LogLevel.Warning);

// That it could not start is said by Startup, in a sentence instead of a stack trace; what ends it later is critical.
builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
builder.Services.AddGeminiEdge(builder.Configuration, address.Hosting);
builder.Services.AddTelemetryExport(builder.Configuration);
builder.WebHost.UseKestrelCore().UseUrls(address.Urls);
builder.WebHost.UseSockets(InlineSockets.Use);
builder.WebHost.ConfigureKestrel(EdgeServer.Configure);

var app = builder.Build();
app.Run(app.Services.GetRequiredService<Edge>().HandleAsync);
return await Startup.RunAsync(app, address, sandbox);
