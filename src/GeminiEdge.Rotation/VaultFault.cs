namespace GeminiEdge.Rotation;

/// <summary>A call to the vault that failed, with what it was for: the bare error does not say.</summary>
internal sealed class VaultFault(string doing, Exception cause, bool mayHaveWritten) : Exception
{
    /// <summary>What the call was to do: "read GEMINI-API-KEY-PRIMARY".</summary>
    public string Doing => doing;

    /// <summary>Why it failed.</summary>
    public Exception Cause => cause;

    /// <summary>It was a write, and the vault may have done it, or may do it yet.</summary>
    public bool MayHaveWritten => mayHaveWritten;

    /// <summary>Of a write: what with.</summary>
    public SecretTerms? Terms { get; init; }

    /// <summary>It was to change a version that is there.</summary>
    public bool IsUpdate { get; init; }

    /// <summary>The vault's no; null where it has said something else, or nothing.</summary>
    public VaultRefusal? Refusal { get; init; }
}
