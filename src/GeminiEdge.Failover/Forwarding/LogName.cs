namespace GeminiEdge.Failover.Forwarding;

/// <summary>Names that a caller or the upstream makes up, and that stand in every line about a request.</summary>
internal static class LogName
{
    /// <summary>No real name is longer, in characters.</summary>
    private const int Longest = 128;

    public static string Shorten(string name) => name.Length <= Longest ? name : name[..(Longest - 1)] + "…";
}
