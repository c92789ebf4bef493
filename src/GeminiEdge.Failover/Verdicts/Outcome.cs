namespace GeminiEdge.Failover.Verdicts;

/// <summary>Whose doing an attempt's end was, for whoever counts attempts.</summary>
internal enum Outcome
{
    Ok,

    /// <summary>The key was refused.</summary>
    Key,

    /// <summary>The key may not be used so much, or has no money left.</summary>
    Quota,

    /// <summary>The upstream, or the way to it.</summary>
    Upstream,

    /// <summary>The request itself.</summary>
    Caller,
}
