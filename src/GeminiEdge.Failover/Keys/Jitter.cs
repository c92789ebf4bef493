using System.Security.Cryptography;

namespace GeminiEdge.Failover.Keys;

/// <summary>Where refreshes get their randomness, so that instances which started together don't ask together: 0 up to 1.</summary>
internal delegate double Jitter();

/// <summary>The randomness of an app that runs.</summary>
internal static class Jitters
{
    private const int Steps = 1 << 20;

    public static readonly Jitter Random = () => RandomNumberGenerator.GetInt32(Steps) / (double)Steps;
}
