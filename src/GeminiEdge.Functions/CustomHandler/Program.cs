using GeminiEdge;
using GeminiEdge.Functions.CustomHandler;

InlineSockets.Enable();
var builder = WebApplication.CreateSlimBuilder(args);
var address = ListenAddress.Of(builder.Configuration);
await using var sandbox = await LocalSandbox.StartWhenNeededAsync(builder);

builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning);
builder.Services.AddGeminiEdge(builder.Configuration, address.Hosting);
builder.WebHost.UseUrls(address.Urls);
builder.WebHost.UseSockets(InlineSockets.Use);
builder.WebHost.ConfigureKestrel(kestrel =>
{
    kestrel.AddServerHeader = false;

    // The edge bounds each body itself, and does not bound uploads.
    kestrel.Limits.MaxRequestBodySize = null;
});

var app = builder.Build();
app.Run(app.Services.GetRequiredService<Edge>().HandleAsync);
return await Startup.RunAsync(app, address, sandbox);
