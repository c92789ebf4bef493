namespace GeminiEdge.Failover.Overload;

/// <summary>Whether a second key is asked when the first is slow.</summary>
internal enum HedgeMode
{
    Off,

    /// <summary>Not between keys that are known to share a project: they share its queue, too.</summary>
    On,

    /// <summary>Also between keys of one project.</summary>
    SameProject,
}
