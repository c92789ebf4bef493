namespace GeminiEdge.Failover.Verdicts;

/// <summary>What a verdict rests.</summary>
internal enum RefusalScope
{
    /// <summary>Nothing: it is about the request.</summary>
    Request,

    /// <summary>The key for the model asked for, in <see cref="Refusal.Kinds"/>.</summary>
    Model,

    /// <summary>The key for the kind of call.</summary>
    Kind,

    /// <summary>The key, whatever it is asked for.</summary>
    Key,
}
