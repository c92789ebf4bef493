using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Tests.Support;

/// <summary>A caller without a connection: can leave, and notices when it is cut off.</summary>
internal sealed class CallerLifetime : IHttpRequestLifetimeFeature
{
    public CancellationToken RequestAborted { get; set; }

    /// <summary>The server ended the connection instead of the answer.</summary>
    public bool IsCut { get; private set; }

    public void Abort() => IsCut = true;
}
