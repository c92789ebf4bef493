using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Texts that fit a schema's format, length and, where it is a simple one, pattern.</summary>
internal static class SampleText
{
    private const string Usual = "sandbox";
    private const int Longest = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private static readonly string[] Candidates =
    [
        Usual, "Sandbox", "SANDBOX", "a", "A", "1", "12", "123", "1234", "12345", "sandbox-1", "sandbox_1", "SB-123", "ABC-1234", "ABC123", "#a1b2c3",
        "1.0", "1.0.0", "en", "en-US", "USD", "+15555550100", "555-0100", "2026-01-01", "2026-01-01T00:00:00Z", "12:00", "12:00:00", "sandbox@example.com",
        "https://example.com/", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "a b", "",
    ];

    public static string Of(JsonObject schema, int index)
    {
        if (Formatted(schema["format"].AsText(), index) is { } formatted)
        {
            return formatted;
        }

        var (least, most) = (Math.Min(schema.Whole("minLength") ?? 0, Longest), schema.Whole("maxLength") ?? Longest);
        return schema["pattern"].AsText() is { } pattern
            ? Candidates.FirstOrDefault(candidate => candidate.Length >= least && candidate.Length <= most && Fits(candidate, pattern)) ?? Fit(Usual, least, most)
            : Fit(index == 0 ? Usual : string.Create(CultureInfo.InvariantCulture, $"{Usual}-{index + 1}"), least, most);
    }

    private static string Fit(string text, long least, long most) => text.Length < least ? text.PadRight((int)least, 'x') : text.Length > most ? text[..(int)most] : text;

    private static bool Fits(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.ECMAScript, Patience);
        }
        catch (ArgumentException)
        {
            // Another dialect's.
            return false;
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static string? Formatted(string? format, int index)
    {
        var day = string.Create(CultureInfo.InvariantCulture, $"2026-01-{(index % 28) + 1:00}");
        return format switch
        {
            "date-time" => $"{day}T00:00:00Z",
            "date" => day,
            "time" => "12:00:00Z",
            "duration" => "PT1H",
            "email" or "idn-email" => $"{Usual}{index}@example.com",
            "hostname" or "idn-hostname" => "example.com",
            "ipv4" => "192.0.2.1",
            "ipv6" => "2001:db8::1",
            "uri" or "url" or "iri" or "uri-reference" => "https://example.com/",
            "uuid" => string.Create(CultureInfo.InvariantCulture, $"3f2504e0-4f89-41d3-9a0c-{index:x12}"),
            "byte" => "c2FuZGJveA==",
            "int32" or "int64" => string.Create(CultureInfo.InvariantCulture, $"{index + 1}"),
            _ => null,
        };
    }
}
