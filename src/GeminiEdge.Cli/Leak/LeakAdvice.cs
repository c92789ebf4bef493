using System.Collections.Immutable;
using System.Globalization;
using GeminiEdge.Fleet;

namespace GeminiEdge.Cli.Leak;

/// <summary>What was done with the keys, as far as the edges know, and where to see the rest.</summary>
internal static class LeakAdvice
{
    // No line of it is too long for a narrow terminal.
    private static readonly ImmutableArray<string> Query =
    [
        "AppTraces | where TimeGenerated > ago(24h)",
        "| extend e = iff(Message startswith '{',",
        "    parse_json(Message), parse_json(tostring(Properties)))",
        "| where e.event in ('gemini_ok', 'gemini_fail')",
        "| summarize attempts = count(),",
        "    failed = countif(e.event == 'gemini_fail')",
        "    by key_id = tostring(e.key_id), bin(TimeGenerated, 1h)",
        "| order by key_id, TimeGenerated asc",
    ];

    /// <summary>What the edges' counts tell, or their logs, and what only Google can.</summary>
    /// <param name="use">Null when no register told.</param>
    /// <returns>What came of it.</returns>
    public static string Usage(LeakClock clock, string keyId, ImmutableArray<DailyUse>? use)
    {
        if (use is { } keys)
        {
            clock.Say("The edges' own use of every key in the last 24 hours, by the fleet register; an instance that was restarted has lost its counts:");
            foreach (var key in keys)
            {
                clock.Say($"  {Line(key, key.KeyId == keyId)}");
            }
        }
        else
        {
            clock.Say("The edges' own use of every key in the last 24 hours, by hour (Log Analytics):");
            foreach (var line in Query)
            {
                clock.Say($"  {line}");
            }
        }

        clock.Say($"What others did with …{keyId} no edge knows. Compare with the use that Google counts: https://aistudio.google.com/usage");
        clock.Say("Spending: https://console.cloud.google.com/billing (reports by SKU, the last days; it lags by hours)");
        return use switch
        {
            null => "Where to look is said; nothing was compared here.",
            { IsEmpty: true } => "The register knows of no use.",
            { } all when all.Any(key => key.IsSpike) => $"A spike: {string.Join("; ", all.Where(key => key.IsSpike).Select(key => Line(key, key.KeyId == keyId)))}.",
            { } all => $"No spike in the edges' use of {all.Length} {(all.Length == 1 ? "key" : "keys")}: no hour with {DailyUse.Floor} attempts or more and {DailyUse.Factor} times the median hour.",
        };
    }

    /// <summary>What is left for a person where the key's value is not known any more.</summary>
    public static string History => $"The key's value is not known here any more. {ByHand}";

    /// <summary>What the replacement file is for, where there is none.</summary>
    public static string ByHand => $"Write `literal:KEY==>REMOVED` with the key into a file that only you can read, and run `git filter-repo --replace-text FILE` in a fresh clone of each repository that held it, then `{HistoryRewrite.Push}`.";

    private static string Line(DailyUse use, bool isLeaked)
    {
        var who = $"…{use.KeyId}{(isLeaked ? " (leaked)" : "")}";
        return use.Highest is not { } highest ? $"{who}: not used" : string.Create(CultureInfo.InvariantCulture,
            $"{who}: {use.Attempts:N0} attempts in {use.Hours.Length} {(use.Hours.Length == 1 ? "hour" : "hours")}, {highest.Attempts:N0} in the highest ({Hour(highest.Hour)}), {use.Median:N0} in the median one{(use.IsSpike ? ": a spike" : "")}; last used {(use.LastAttempt is { } last ? Containment.Text(last) : "at an unknown time")}");
    }

    private static string Hour(long hour) => DateTimeOffset.FromUnixTimeSeconds(hour * 3600).ToString("MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
