namespace GeminiEdge.Cli.Leak;

/// <summary>Where to see what was done with a key.</summary>
internal static class LeakAdvice
{
    /// <summary>What the edges' logs can tell, and what only Google can.</summary>
    public static void Usage(LeakClock clock, string keyId)
    {
        clock.Say("The edges' own use of every key in the last 24 hours, by hour (Log Analytics):");
        clock.Say("  AppTraces | where TimeGenerated > ago(24h) | extend e = iff(Message startswith '{', parse_json(Message), parse_json(tostring(Properties)))");
        clock.Say("  | where e.event in ('gemini_ok', 'gemini_fail') | summarize attempts = count(), failed = countif(e.event == 'gemini_fail')");
        clock.Say("    by key_id = tostring(e.key_id), bin(TimeGenerated, 1h) | order by key_id, TimeGenerated asc");
        clock.Say($"What others did with …{keyId} no log of yours holds. Compare with the use that Google counts: https://aistudio.google.com/usage");
        clock.Say("Spending: https://console.cloud.google.com/billing (reports by SKU, the last days; it lags by hours)");
    }
}
