using System.Globalization;

namespace GeminiEdge.Failover.Keys;

/// <summary>The secret that holds the lock of whoever rotates, and the tags of its newest version that others read too.</summary>
internal static class RotationSecret
{
    /// <summary>The Key Vault secret that holds the records.</summary>
    public const string Name = "GEMINI-EDGE-ROTATION";

    public const string Operator = "operator";
    public const string Command = "command";
    public const string Slot = "slot";

    /// <summary>Until when it holds, if it isn't renewed.</summary>
    public const string Expiry = "expiry";

    /// <summary>How it ended; missing while it lives.</summary>
    public const string Released = "released";

    /// <summary>A tag's time; null where there is none.</summary>
    public static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
