using System.Collections.Immutable;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;

namespace GeminiEdge.Cli.Reports;

/// <summary>The fleet register at the end of a command.</summary>
/// <param name="View">The instances against the vault's ring; null when either could not be read.</param>
/// <param name="Rows">The instances; none when they could not be read.</param>
/// <param name="Failure">Why they could not.</param>
internal sealed record FleetEvidence(FleetView? View, ImmutableArray<FleetRow> Rows, string? Failure)
{
    public static FleetEvidence Unread(string why) => new(null, [], why);

    /// <summary>Where the key was used in the last hour.</summary>
    public ImmutableArray<KeyLastUse> UsesOf(string keyId, DateTimeOffset now) => KeyLastUse.Of(Rows, keyId, now);

    /// <summary>The same for people.</summary>
    public string LastUseOf(string keyId, DateTimeOffset now) => this switch
    {
        { Failure: { } why } => $"unknown: {why}",
        { Rows.IsEmpty: true } => "unknown: the fleet register holds no instance",
        _ => UsesOf(keyId, now) is { IsEmpty: false } uses
            ? string.Join("; ", uses.Select(use => use.Text))
            : $"no use in the last hour, seen by {Rows.Length} {(Rows.Length == 1 ? "instance" : "instances")}",
    };

    /// <summary>How many instances hold the key rejected: what they were told of it in traffic.</summary>
    public int RejectingInstances(string keyId) =>
        Rows.Count(row => row.Keys.Any(key => key.KeyId == keyId && (key.IsLeaked || key.State == KeyState.Rejected.Name())));
}
