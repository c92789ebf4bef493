namespace GeminiEdge.Rotation;

/// <summary>How a command ended; the numbers are edgectl's exit codes.</summary>
internal enum RotationOutcome
{
    Done = 0,
    Failed = 1,
    NotConverged = 2,
    Refused = 3,
    AccessDenied = 4,

    /// <summary>By Ctrl-C; running it again resumes.</summary>
    Stopped = 130,
}
