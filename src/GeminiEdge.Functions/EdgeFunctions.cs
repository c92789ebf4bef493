using Microsoft.AspNetCore.Http.Features;
using Microsoft.Azure.Functions.Worker;

namespace GeminiEdge.Functions;

/// <summary>
/// The edge's routes for the Functions host, the same as the custom handler's function.json files. The host registers
/// functions in the alphabetical order of their names and takes the first whose route matches, whatever the method.
/// </summary>
public sealed class EdgeFunctions(Edge edge)
{
    [Function("edge-1-health")]
    public Task Health([HttpTrigger(AuthorizationLevel.Anonymous, Route = "api/health")] HttpRequest request)
        => HandleAsync(request);

    [Function("edge-2-admin")]
    public Task Admin([HttpTrigger(AuthorizationLevel.Admin, Route = "api/admin/{*path}")] HttpRequest request)
        => HandleAsync(request);

    [Function("edge-3-status")]
    public Task Status([HttpTrigger(AuthorizationLevel.Anonymous, Route = "api/status/{*path}")] HttpRequest request)
        => HandleAsync(request);

    [Function("edge-4-api")]
    public Task Api([HttpTrigger(AuthorizationLevel.Function, Route = "api/{*path}")] HttpRequest request)
        => HandleAsync(request);

    [Function("edge-5-download")]
    public Task Download([HttpTrigger(AuthorizationLevel.Anonymous, Route = "download/{*path}")] HttpRequest request)
        => HandleAsync(request);

    [Function("edge-5-upload")]
    public Task Upload([HttpTrigger(AuthorizationLevel.Anonymous, Route = "upload/{*path}")] HttpRequest request)
        => HandleAsync(request);

    [Function("edge-5-v1")]
    public Task V1([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1/{*path}")] HttpRequest request)
        => HandleAsync(request);

    [Function("edge-5-v1alpha")]
    public Task V1Alpha([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1alpha/{*path}")] HttpRequest request)
        => HandleAsync(request);

    [Function("edge-5-v1beta")]
    public Task V1Beta([HttpTrigger(AuthorizationLevel.Anonymous, Route = "v1beta/{*path}")] HttpRequest request)
        => HandleAsync(request);

    private Task HandleAsync(HttpRequest request)
    {
        var context = request.HttpContext;
        context.Features.GetRequiredFeature<IHttpResponseBodyFeature>().DisableBuffering();
        return edge.HandleAsync(context);
    }
}
