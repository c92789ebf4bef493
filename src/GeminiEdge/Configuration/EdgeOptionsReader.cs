using System.Collections.Immutable;
using System.Globalization;
using GeminiEdge.Keys;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Configuration;

/// <summary>
/// Reads <c>GeminiEdge__*</c> and says everything that is wrong with it at once, a mistyped name included; the
/// configuration binder stops at the first value it can't convert and passes over names it doesn't know.
/// </summary>
internal static class EdgeOptionsReader
{
    private static readonly TimeSpan PlatformLimit = TimeSpan.FromSeconds(230);

    private static readonly ImmutableSortedDictionary<string, Func<EdgeOptions, string, string?>> Settings =
        ImmutableSortedDictionary.Create<string, Func<EdgeOptions, string, string?>>(StringComparer.OrdinalIgnoreCase)
            .Add(nameof(EdgeOptions.Selection), (o, text) => Enum.TryParse<KeySelection>(text, ignoreCase: true, out var value) && $"{value}".Equals(text, StringComparison.OrdinalIgnoreCase) && Enum.IsDefined(value)
                ? Set(() => o.Selection = value)
                : "is Ordered or RoundRobin")
            .Add(nameof(EdgeOptions.Deadline), (o, text) => Duration(text, value => o.Deadline = value))
            .Add(nameof(EdgeOptions.Reserve), (o, text) => Duration(text, value => o.Reserve = value))
            .Add(nameof(EdgeOptions.ConnectTimeout), (o, text) => Duration(text, value => o.ConnectTimeout = value))
            .Add(nameof(EdgeOptions.IdleTimeout), (o, text) => Duration(text, value => o.IdleTimeout = value))
            .Add(nameof(EdgeOptions.RefreshInterval), (o, text) => Duration(text, value => o.RefreshInterval = value))
            .Add(nameof(EdgeOptions.BodyLimit), (o, text) => Bytes(text, 1L << 30, value => o.BodyLimit = value))
            .Add(nameof(EdgeOptions.BufferLimit), (o, text) => Bytes(text, 1L << 40, value => o.BufferLimit = value));

    /// <summary>The options, with the default in the place of each faulty value, and a sentence about each fault.</summary>
    public static (EdgeOptions Options, ImmutableArray<string> Problems) Read(IConfiguration configuration)
    {
        var options = new EdgeOptions();
        var problems = ImmutableArray.CreateBuilder<string>();
        foreach (var entry in configuration.GetSection("GeminiEdge").GetChildren())
        {
            if (!Settings.TryGetValue(entry.Key, out var apply))
            {
                problems.Add($"The setting GeminiEdge__{entry.Key} is not known. The known ones are {string.Join(", ", Settings.Keys)}.");
            }
            else if (!string.IsNullOrWhiteSpace(entry.Value) && apply(options, entry.Value.Trim()) is { } expected)
            {
                problems.Add($"The setting GeminiEdge__{entry.Key} {expected}; it is {Quote(entry.Value)}.");
            }
        }

        problems.AddRange(CrossChecks(options));
        return (options, problems.ToImmutable());
    }

    private static IEnumerable<string> CrossChecks(EdgeOptions options)
    {
        if (options.Deadline >= PlatformLimit)
        {
            yield return $"GeminiEdge__Deadline is {options.Deadline.TotalSeconds:0} s, and the platform's front end gives up after {PlatformLimit.TotalSeconds:0} s: set less.";
        }

        if (options.Reserve >= options.Deadline)
        {
            yield return $"GeminiEdge__Reserve ({options.Reserve.TotalSeconds:0.###} s) leaves nothing of GeminiEdge__Deadline ({options.Deadline.TotalSeconds:0.###} s): set less.";
        }

        if (options.ConnectTimeout >= options.Deadline)
        {
            yield return $"GeminiEdge__ConnectTimeout ({options.ConnectTimeout.TotalSeconds:0.###} s) leaves nothing of GeminiEdge__Deadline ({options.Deadline.TotalSeconds:0.###} s): set less.";
        }

        // A buffer doubles as it grows, and the old one is held until the new one is filled.
        if (3 * options.BodyLimit > options.BufferLimit)
        {
            yield return $"GeminiEdge__BodyLimit ({options.BodyLimit} bytes) is more than a third of GeminiEdge__BufferLimit ({options.BufferLimit} bytes): such a body could not always be taken.";
        }
    }

    // What is long enough to be a key may be one that was pasted into the wrong setting.
    private static string Quote(string value) => value.Length < ApiKey.MinimumLength ? $"'{value}'" : $"a text of {value.Length} characters";

    private static string? Duration(string text, Action<TimeSpan> set) =>
        TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var value)
            && value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromHours(1)
            ? Set(() => set(value))
            : "is a duration as hh:mm:ss, more than zero and at most an hour";

    private static string? Bytes(string text, long most, Action<long> set) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1024 && value <= most
            ? Set(() => set(value))
            : $"is a number of bytes from 1024 to {most}";

    private static string? Set(Action set)
    {
        set();
        return null;
    }
}
