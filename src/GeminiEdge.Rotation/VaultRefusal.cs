using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Azure;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Rotation;

/// <summary>Who says no.</summary>
internal enum RefusalKind
{
    /// <summary>The vault does not say: it may be an access policy, or Azure Policy.</summary>
    Unsaid,
    Firewall,
    Connection,
    Role,
    AccessPolicy,

    /// <summary>Azure Policy, which asks for something of every secret.</summary>
    Policy,
}

/// <summary>A vault's 403, as its codes and words tell it apart.</summary>
/// <param name="Text">The vault's own sentence, on one line; empty when it says nothing.</param>
internal sealed partial record VaultRefusal(RefusalKind Kind, string Text)
{
    private const int LongestText = 300;

    /// <summary>It is about the day on which a secret expires.</summary>
    public bool IsAboutExpiry { get; private init; }

    public bool IsAboutContentType { get; private init; }

    /// <summary>The longest that a secret may be valid, if it says so.</summary>
    public TimeSpan? AtMost { get; private init; }

    /// <summary>The shortest, if it says so.</summary>
    public TimeSpan? AtLeast { get; private init; }

    /// <summary>The right that an access policy does not give.</summary>
    public string? Permission { get; private init; }

    /// <param name="value">What was to be written: no answer may show it.</param>
    /// <returns>Null for what is no 403.</returns>
    public static VaultRefusal? Of(Exception cause, string? value)
    {
        if (OperatorFault.Innermost(cause) is not RequestFailedException { Status: 403 } error)
        {
            return null;
        }

        var (codes, message, body) = Read(error.GetRawResponse()?.Content?.ToString() ?? "");
        var text = OneLine(Masked(message, value));
        var isAboutExpiry = Expiry().IsMatch(body);
        var isAboutContentType = ContentType().IsMatch(body);
        var permission = Missing().Match(body);
        var taken = new HashSet<int>();
        var (most, least) = (First(NotMore(), body, taken), First(NotLess(), body, taken));
        (most, least) = (most ?? First(Most(), body, taken), least ?? First(Least(), body, taken));
        most ??= isAboutExpiry && least is null ? First(Days(), body, taken) : null;
        return new VaultRefusal(KindOf(codes, body, permission.Success, isAboutExpiry || isAboutContentType), text)
        {
            IsAboutExpiry = isAboutExpiry,
            IsAboutContentType = isAboutContentType,
            AtMost = most,
            AtLeast = least,
            Permission = permission.Success ? permission.Groups["right"].Value.ToLowerInvariant() : null,
        };
    }

    private static RefusalKind KindOf(List<string> codes, string body, bool lacksPermission, bool isAboutSecret) =>
        codes.Contains("ForbiddenByFirewall") || Firewall().IsMatch(body) ? RefusalKind.Firewall
        : codes.Contains("ForbiddenByConnection") || Connection().IsMatch(body) ? RefusalKind.Connection

        // Before the codes of policies: an access policy has been seen to refuse as ForbiddenByPolicy.
        : lacksPermission || codes.Contains("AccessDenied") || AccessPolicy().IsMatch(body) ? RefusalKind.AccessPolicy
        : codes.Contains("ForbiddenByRbac") || Role().IsMatch(body) ? RefusalKind.Role
        : codes.Exists(code => code.Contains("Policy", StringComparison.OrdinalIgnoreCase)) || Policy().IsMatch(body) || isAboutSecret ? RefusalKind.Policy
        : RefusalKind.Unsaid;

    /// <summary>The codes from the outermost to the innermost, the message, and all that is said.</summary>
    private static (List<string> Codes, string Message, string All) Read(string body)
    {
        var (codes, message, all) = (new List<string>(), "", new StringBuilder());
        try
        {
            using var json = JsonDocument.Parse(body);
            Say(json.RootElement, all);
            var at = json.RootElement;
            foreach (var name in new[] { "error", "innererror", "innererror", "innererror" })
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at) || at.ValueKind != JsonValueKind.Object)
                {
                    break;
                }

                if (at.TryGetProperty("code", out var code))
                {
                    codes.Add(code.ToString());
                }

                message = message.Length == 0 && at.TryGetProperty("message", out var said) ? said.ToString() : message;
            }
        }
        catch (JsonException)
        {
            // A front end's page.
        }

        return (codes, message, all.ToString());
    }

    /// <summary>Names and values as one text.</summary>
    private static void Say(JsonElement json, StringBuilder to)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in json.EnumerateObject())
                {
                    Say(property.Value, to.Append(property.Name).Append(": "));
                }

                break;
            case JsonValueKind.Array:
                foreach (var element in json.EnumerateArray())
                {
                    Say(element, to);
                }

                break;
            default:
                to.Append(json.ToString()).Append('\n');
                break;
        }
    }

    private static string Masked(string message, string? value)
    {
        var mask = new KeyMask();
        mask.Learn(value is not null && SecretValue.Of(value).Key is { } key ? [key] : []);
        return mask.Clean(message);
    }

    private static string OneLine(string message)
    {
        var text = Space().Replace(message, " ").Trim().TrimEnd('.');
        return text.Length <= LongestText ? text : $"{text[..LongestText]}…";
    }

    /// <summary>The first length that no other words have claimed.</summary>
    private static TimeSpan? First(Regex words, string body, HashSet<int> taken) =>
        words.Matches(body).FirstOrDefault(match => taken.Add(match.Groups["n"].Index)) is { } found ? Span(found) : null;

    private static TimeSpan Span(Match match)
    {
        var number = int.Parse(match.Groups["n"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        return match.Groups["unit"].Value.ToLowerInvariant() switch
        {
            "hour" => TimeSpan.FromHours(number),
            "week" => TimeSpan.FromDays(7 * number),
            "month" => TimeSpan.FromDays(30 * number),
            "year" => TimeSpan.FromDays(365 * number),
            _ => TimeSpan.FromDays(number),
        };
    }

    private const RegexOptions AnyCase = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    /// <summary>A number of days, not far behind the words that say what it is.</summary>
    private const string Length = @"[^.;\d]{0,60}?(?<n>\d{1,5})[\s-]*(?<unit>hour|day|week|month|year)";

    private const string Not = @"\b(no|\w*not|\w+n't)\s(\w+\s){0,4}?";

    [GeneratedRegex(Not + @"(more|longer|later)\sthan" + Length, AnyCase)]
    private static partial Regex NotMore();

    [GeneratedRegex(Not + @"(less|shorter|fewer|sooner|earlier)\sthan" + Length, AnyCase)]
    private static partial Regex NotLess();

    [GeneratedRegex(@"(maximum|at\smost|longer\sthan|within|up\sto|exceed\w*|limit\w*|(less|shorter|fewer|sooner|earlier)\sthan)" + Length
        + @"|maximum\w*days\W{1,5}(value\W{1,5})?(?<n>\d{1,5})|(?<n>\d{1,5})\s(?<unit>hour|day|week|month|year)s?\sor\s(less|shorter|fewer|sooner|earlier)", AnyCase)]
    private static partial Regex Most();

    [GeneratedRegex(@"(minimum|at\sleast|(more|later)\sthan)" + Length
        + @"|minimum\w*days\w*\W{1,5}(value\W{1,5})?(?<n>\d{1,5})|(?<n>\d{1,5})\s(?<unit>hour|day|week|month|year)s?\sor\s(more|longer|later)", AnyCase)]
    private static partial Regex Least();

    [GeneratedRegex(@"\b(?<n>\d{1,5})[\s-]*(?<unit>hour|day|week|month|year)s?\b", AnyCase)]
    private static partial Regex Days();

    [GeneratedRegex(@"\bexpir|\bexp\b|validity", AnyCase)]
    private static partial Regex Expiry();

    [GeneratedRegex(@"content[\s_-]?type", AnyCase)]
    private static partial Regex ContentType();

    [GeneratedRegex(@"does not have secrets (?<right>\w+) permission", AnyCase)]
    private static partial Regex Missing();

    [GeneratedRegex("access polic", AnyCase)]
    private static partial Regex AccessPolicy();

    [GeneratedRegex(@"\bpolic(y|ies)\b", AnyCase)]
    private static partial Regex Policy();

    [GeneratedRegex("caller is not authorized to perform action", AnyCase)]
    private static partial Regex Role();

    [GeneratedRegex("client address is not authorized", AnyCase)]
    private static partial Regex Firewall();

    [GeneratedRegex("public network access is disabled", AnyCase)]
    private static partial Regex Connection();

    [GeneratedRegex(@"[\s\p{C}]+")]
    private static partial Regex Space();
}
