using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace GeminiEdge.Cli;

/// <summary>The options that several commands take, each what it uses; and the world that the command runs in.</summary>
internal sealed class CommonOptions(World world)
{
    public World World => world;

    public Terminal Terminal { get; } = new(world);

    public Option<string?> Vault { get; } = new("--vault")
    {
        Description = "The Key Vault, https://NAME.vault.azure.net/; without it, GEMINI_KEYVAULT_URI.",
        HelpName = "URI",
    };

    public Option<string?> Fleet { get; } = new("--fleet")
    {
        Description = "The fleet register, https://ACCOUNT.table.core.windows.net/; without it, GEMINI_EDGE_FLEET.",
        HelpName = "URI",
    };

    public Option<string?> App { get; } = new("--app")
    {
        Description = "The app whose instances count; without it, WEBSITE_SITE_NAME, else every app in the register.",
        HelpName = "NAME",
    };

    public Option<bool> Json { get; } = new("--json")
    {
        Description = "Print one JSON object instead of text.",
        Arity = ArgumentArity.Zero,
    };

    public Option<bool> DryRun { get; } = new("--dry-run")
    {
        Description = "Say what would be done: read and probe, but write nothing.",
        Arity = ArgumentArity.Zero,
    };

    /// <summary>The same for the commands that do nothing but probe.</summary>
    public Option<bool> DryProbe { get; } = new("--dry-run")
    {
        Description = "Say which keys would be probed: send nothing to Gemini.",
        Arity = ArgumentArity.Zero,
    };

    /// <summary>For the commands that wait for the edges.</summary>
    public Option<TimeSpan?> RefreshInterval { get; } = new("--refresh-interval")
    {
        Description = "The edges' GeminiEdge__RefreshInterval, which the wait for them is made of; that of the environment, or 00:00:30.",
        HelpName = "hh:mm:ss",
        CustomParser = ParseInterval,
    };

    /// <summary>For the commands that an audit asks about.</summary>
    public Option<string?> Report { get; } = new("--report")
    {
        Description = "Write a dated record of what was done to FILE.md and FILE.json, which must not exist yet.",
        HelpName = "FILE",
    };

    /// <summary>For the commands that write to the vault.</summary>
    public Option<DateTimeOffset?> Expires { get; } = new("--expires")
    {
        Description = "The day on which the keys that it writes are to be replaced: Key Vault tells of it 30 days before, and the edges once it has passed. They go on working. OLD keeps its 24 hours.",
        HelpName = "2026-12-31",
        CustomParser = result => ReadDate(result, world.Time.GetUtcNow()),
    };

    /// <summary>The same.</summary>
    public Option<TimeSpan?> MaxAge { get; } = new("--max-age")
    {
        Description = "The longest that anything it writes may live, the lock and the leaked list included, as a vault's policy may demand: 90d, 36h; without it, GEMINI_KEYVAULT_MAX_AGE.",
        HelpName = "90d",
        CustomParser = result => MaxAgeOption.Parse(result),
    };

    private static TimeSpan? ParseInterval(ArgumentResult result)
    {
        if (TimeSpan.TryParseExact(result.Tokens[0].Value, "c", CultureInfo.InvariantCulture, out var value)
            && value > TimeSpan.Zero && value <= TimeSpan.FromHours(1))
        {
            return value;
        }

        result.AddError(UsageError.WrongInterval);
        return null;
    }

    private static DateTimeOffset? ReadDate(ArgumentResult result, DateTimeOffset now)
    {
        if (DateTimeOffset.TryParseExact(result.Tokens[0].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            && date > now)
        {
            return date;
        }

        result.AddError(UsageError.WrongDate);
        return null;
    }
}
