namespace GeminiEdge.Tests.Functions.Host;

/// <summary>The two apps that are published for the Functions host.</summary>
public enum HostingModel
{
    /// <summary><c>GeminiEdge.Server</c>, one native executable.</summary>
    CustomHandler,

    /// <summary><c>GeminiEdge.Functions</c>, the official .NET worker.</summary>
    IsolatedWorker,
}
