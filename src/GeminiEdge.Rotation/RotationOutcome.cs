namespace GeminiEdge.Rotation;

/// <summary>How a command ended. What each is called, and its exit code, is edgectl's to say.</summary>
internal enum RotationOutcome
{
    Done,
    Failed,

    /// <summary>An edge may still use the former key.</summary>
    NotConverged,

    /// <summary>Google may still take a key that is to be dead.</summary>
    StillTaken,

    /// <summary>Google refuses a key that edges use.</summary>
    Rejected,

    Refused,
    AccessDenied,

    /// <summary>By Ctrl-C; running it again resumes.</summary>
    Stopped,
}
