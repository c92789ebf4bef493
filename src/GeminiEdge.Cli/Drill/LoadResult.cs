using System.Collections.Immutable;

namespace GeminiEdge.Cli.Drill;

/// <summary>What came of the load.</summary>
/// <param name="FailedOver">Answered, but not by the first key that was tried.</param>
/// <param name="Faults">The first of the failed.</param>
/// <param name="Streams">Every stream.</param>
/// <param name="Keys">By key_id.</param>
internal sealed record LoadResult(
    int Sent, int Answered, int Failed, int FailedOver, ImmutableArray<Exchange> Faults, ImmutableArray<Exchange> Streams, ImmutableDictionary<string, KeyAnswers> Keys)
{
    /// <summary>Failed while no key worked; not among the failed.</summary>
    public int FailedInOutage { get; init; }
}

/// <summary>The answers by one key.</summary>
internal sealed record KeyAnswers(int Count, DateTimeOffset First, DateTimeOffset Last);
