namespace GeminiEdge.Failover.Keys;

/// <summary>Leave to make one attempt with a key; its result is reported with it.</summary>
/// <param name="Scope">What it was given for.</param>
/// <param name="Epoch">Which of the key's troubles were known when the attempt began.</param>
/// <param name="Holder">The hold on the key's gate; 0 for a key that needed none.</param>
internal readonly record struct KeyPass(CallScope Scope, int Epoch, int Holder)
{
    /// <summary>The attempt is a try of a key that memory says is no good.</summary>
    public bool ThroughGate => Holder != 0;
}
