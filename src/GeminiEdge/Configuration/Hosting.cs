namespace GeminiEdge.Configuration;

/// <summary>Who starts the edge and stands before it.</summary>
public enum Hosting
{
    /// <summary>A process of its own: a container, a server. Every caller needs a key.</summary>
    Standalone,

    /// <summary>A process of its own in <c>Development</c>, as <c>dotnet run</c> starts it: callers on this machine need no key.</summary>
    Development,

    /// <summary>An Azure Functions custom handler: the host proxies every request.</summary>
    CustomHandler,

    /// <summary>The .NET isolated worker of Azure Functions: the host proxies every request.</summary>
    IsolatedWorker,
}
