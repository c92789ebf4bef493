using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Status;

/// <summary>What the operators' page and its data are reached by.</summary>
internal sealed class StatusRoutes(StatusPage page, StatusEndpoint status, SandboxEndpoint sandbox)
{
    public ValueTask ShowPageAsync(HttpContext context) => page.HandleAsync(context);

    /// <summary>Whether a path of the admin area is one of these.</summary>
    public bool Serves(string path) => StatusEndpoint.Serves(path) || sandbox.Serves(path);

    public ValueTask HandleAsync(HttpContext context, string path) =>
        StatusEndpoint.Serves(path) ? status.HandleAsync(context, path) : sandbox.HandleAsync(context, path);
}
