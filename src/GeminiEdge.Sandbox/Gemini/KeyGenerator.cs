using System.Security.Cryptography;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Random keys and names in the shapes Google gives them.</summary>
internal static class KeyGenerator
{
    private const string LowerAlphanumeric = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string UrlSafe = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" + LowerAlphanumeric + "_-";

    public static string NewKey(SandboxKeyKind kind) => kind == SandboxKeyKind.Standard
        ? "AIzaSy" + RandomNumberGenerator.GetString(UrlSafe, 33)
        : "AQ.Ab8RN6" + RandomNumberGenerator.GetString(UrlSafe, 44);

    public static string NewResourceId() => RandomNumberGenerator.GetString(LowerAlphanumeric, 12);

    public static string NewBatchId() => RandomNumberGenerator.GetString(LowerAlphanumeric, 36);

    public static string NewInteractionId() => "v1_" + RandomNumberGenerator.GetString(UrlSafe, 48);

    public static string NewUploadId() => RandomNumberGenerator.GetString(UrlSafe, 64);

    public static string NewResponseId() => RandomNumberGenerator.GetString(UrlSafe, 22);
}
