using System.Collections.Immutable;
using System.Globalization;

namespace GeminiEdge.Fleet;

/// <summary>Whether the leaked key is contained: no instance begins an attempt with it any more. Measured by their own counts, or said to be unproven.</summary>
/// <param name="Kind">In JSON: <c>measured</c>, <c>unproven</c> or <c>not_contained</c>.</param>
/// <param name="Took">From the command's beginning to the last attempt, or until the time was waited; null when it isn't contained.</param>
/// <param name="LastUse">When the last attempt with the key began, as far as the register tells.</param>
/// <param name="Sentence">For people.</param>
internal sealed record Containment(string Kind, TimeSpan? Took, DateTimeOffset? LastUse, string Sentence)
{
    private const int MostNames = 10;

    // What an instance wrote last may be that old, and its clock is its own.
    private static readonly string Precision = $"by the instances' own clocks and rows, which are up to {FleetReporter.Interval.TotalSeconds:0} s old";

    public bool IsMeasured => Kind == "measured";

    public bool IsContained => Took is not null;

    /// <summary>No register tells.</summary>
    public static Containment Unproven(TimeSpan waited, string why) =>
        new("unproven", waited, null, string.Create(CultureInfo.InvariantCulture, $"Contained is unproven: time waited, {waited.TotalSeconds:0.0} s. {why}"));

    /// <param name="laggards">Those that were no longer waited for, as they were then.</param>
    /// <param name="began">When the command began.</param>
    public static Containment Of(ImmutableArray<FleetRow> rows, ImmutableArray<FleetRow> laggards, string keyId, DateTimeOffset began, DateTimeOffset now)
    {
        var last = rows.SelectMany(row => row.Keys).Where(key => key.KeyId == keyId).Max(key => key.LastAttempt);
        var holders = rows.Where(row => now - row.LastSeen <= FleetView.Window && (Holds(row, keyId) || laggards.Any(laggard => IsSame(laggard, row)))).ToList();
        if (holders.Count > 0)
        {
            var names = string.Join(", ", holders.Take(MostNames).Select(row => row.ShortName)) + (holders.Count > MostNames ? $" and {holders.Count - MostNames} more" : "");
            return new("not_contained", null, last, $"Not contained: {names} had not read the newest ring when last heard of, and may still use …{keyId}.");
        }

        var took = last > began ? last.Value - began : TimeSpan.Zero;
        return new("measured", took, last, last is null ? $"Contained, measured: no instance has used …{keyId} ({Precision})."
            : last <= began ? $"Contained, measured: the last attempt with …{keyId} began at {Text(last.Value)}, before this command ({Precision})."
            : string.Create(CultureInfo.InvariantCulture, $"Contained after {took.TotalSeconds:0.0} s, measured: the last attempt with …{keyId} began at {Text(last.Value)}, and no active instance holds it any more ({Precision})."));
    }

    private static bool Holds(FleetRow row, string keyId) => row.Keys.Any(key => key.IsInRing && key.KeyId == keyId);

    private static bool IsSame(FleetRow laggard, FleetRow row) => (laggard.App, laggard.Instance, laggard.Ring) == (row.App, row.Instance, row.Ring);

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
