namespace GeminiEdge.Tests.Support;

/// <summary>How long a test waits for what has to happen before it fails instead of hanging.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
}
