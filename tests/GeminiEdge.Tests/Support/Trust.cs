using System.Security.Cryptography.X509Certificates;

namespace GeminiEdge.Tests.Support;

/// <summary>Trust in one certificate alone.</summary>
internal static class Trust
{
    /// <summary>Without the machine's own roots, which take longer to read and sort than all the rest of a handshake.</summary>
    public static X509ChainPolicy In(X509Certificate2 certificate) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { certificate },
        RevocationMode = X509RevocationMode.NoCheck,
    };
}
