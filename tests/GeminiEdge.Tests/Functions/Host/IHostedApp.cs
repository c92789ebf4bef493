using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>What the host starts beside itself and hands requests to: a custom handler or the isolated worker.</summary>
internal interface IHostedApp : IAsyncDisposable
{
    /// <summary>Its functions, in the order in which the host tries them.</summary>
    IReadOnlyList<DeployedFunction> Functions { get; }

    EdgeProcess Process { get; }

    /// <summary>Has the function answer the request. An app that ends meanwhile gives the client an empty 500.</summary>
    Task ServeAsync(HttpContext context, DeployedFunction function, HostProxy proxy);
}
