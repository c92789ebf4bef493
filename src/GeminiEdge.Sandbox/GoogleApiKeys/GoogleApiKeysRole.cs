namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>What a principal may do with a project's keys: Google's predefined roles.</summary>
public enum GoogleApiKeysRole
{
    /// <summary>Signed in, but nothing more.</summary>
    None,

    /// <summary>Service Usage Consumer: may name the project as the one that requests count against, and sees no keys.</summary>
    ServiceUsageConsumer,

    /// <summary>API Keys Viewer: lists keys and reads their strings.</summary>
    ApiKeysViewer,

    /// <summary>API Keys Admin: everything with keys.</summary>
    ApiKeysAdmin,
}
