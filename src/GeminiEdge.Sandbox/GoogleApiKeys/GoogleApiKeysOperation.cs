namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>The methods of the API.</summary>
public enum GoogleApiKeysOperation
{
    /// <summary>CreateKey.</summary>
    Create,

    /// <summary>ListKeys.</summary>
    List,

    /// <summary>GetKey.</summary>
    Get,

    /// <summary>GetKeyString.</summary>
    GetKeyString,

    /// <summary>UpdateKey.</summary>
    Update,

    /// <summary>DeleteKey.</summary>
    Delete,

    /// <summary>UndeleteKey.</summary>
    Undelete,

    /// <summary>LookupKey.</summary>
    Lookup,

    /// <summary>GetOperation.</summary>
    GetOperation,
}
