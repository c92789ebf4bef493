// The honest peer: Microsoft's proxy library with nothing added. It hands each request on as it is, logs nothing, checks
// nobody, remembers nothing. Listens where ASPNETCORE_URLS says. Usage: GeminiEdge.Bench.Yarp UPSTREAM_URL
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.Services.AddHttpForwarder();
var app = builder.Build();
app.MapForwarder("/{**path}", args[0]);
app.Run();
