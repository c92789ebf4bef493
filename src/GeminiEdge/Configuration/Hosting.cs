namespace GeminiEdge.Configuration;

/// <summary>Who starts the edge and stands before it.</summary>
public enum Hosting
{
    /// <summary>A process of its own: a local run, a container. Callers reach it directly.</summary>
    Standalone,

    /// <summary>An Azure Functions custom handler: the host proxies every request.</summary>
    CustomHandler,

    /// <summary>The .NET isolated worker of Azure Functions: the host proxies every request.</summary>
    IsolatedWorker,
}
