using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Finds the names of resources that belong to one key's project, as <c>files/abc</c>.</summary>
internal static partial class ResourceName
{
    private const string Interactions = "interactions/";

    // Where a request names one, in either case; and where an answer names the file that holds a batch's results.
    private static readonly (byte[] Name, bool IsInteraction)[] Properties =
    [
        Named("fileUri"), Named("file_uri"), Named("cachedContent"), Named("cached_content"), Named("fileSearchStoreNames"), Named("file_search_store_names"),
        Named("fileName"), Named("file_name"), Named("uri"), Named("responsesFile"), Named("responses_file"),
        (Quoted("previous_interaction_id"), true), (Quoted("previousInteractionId"), true),
    ];

    /// <summary><c>files/abc</c> of <c>files/abc</c>; none of a bare collection.</summary>
    public static string? FromPath(string resource)
    {
        var slash = resource.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || slash == resource.Length - 1)
        {
            return null;
        }

        // An operation of a model is models/m/operations/id.
        var operations = resource.IndexOf("operations/", StringComparison.Ordinal);
        var start = operations > 0 ? operations : 0;
        var end = resource.IndexOf('/', resource.IndexOf('/', start) + 1);
        return end < 0 ? resource[start..] : resource[start..end];
    }

    /// <summary>
    /// The first one that a request body names. Looks for the property's bytes instead of parsing: inside a text
    /// the quotes would be escaped, so nothing that a prompt says can pass for one.
    /// </summary>
    public static string? FromBody(ReadOnlySpan<byte> body)
    {
        // From quote to quote: a large body is one long text without any.
        for (var at = body.IndexOf((byte)'"'); at >= 0;)
        {
            if ((at == 0 || body[at - 1] != (byte)'\\') && FromProperty(body[at..]) is { } name)
            {
                return name;
            }

            var next = body[(at + 1)..].IndexOf((byte)'"');
            at = next < 0 ? -1 : at + 1 + next;
        }

        return null;
    }

    /// <summary>
    /// Those an answer tells of: the one that was made or read (<c>name</c>, <c>file.name</c> or an interaction's <c>id</c>), and one that it
    /// refers to, as a batch to the file of its results.
    /// </summary>
    public static (string? Made, string? Named) FromAnswer(ReadOnlyMemory<byte> answer, GeminiCall call) =>
        call.IsFile ? default : (FromDocument(answer, call), FromBody(answer.Span));

    private static string? FromProperty(ReadOnlySpan<byte> fromQuote)
    {
        // Most quotes begin or end something else.
        if (fromQuote.Length < 2 || !"fcurp"u8.Contains(fromQuote[1]))
        {
            return null;
        }

        foreach (var (property, isInteraction) in Properties)
        {
            if (fromQuote.StartsWith(property))
            {
                return Value(fromQuote[property.Length..]) is not { } value ? null : isInteraction ? Interaction(value) : FromValue(value);
            }
        }

        return null;
    }

    private static string? FromDocument(ReadOnlyMemory<byte> answer, GeminiCall call)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var named = root.TryGetProperty("file", out var file) && file.ValueKind == JsonValueKind.Object ? file : root;
            if (named.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
            {
                return FromPath(name.GetString()!);
            }

            return call.Method.StartsWith("interactions", StringComparison.Ordinal)
                && root.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String
                    ? Interactions + id.GetString()
                    : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string? Value(ReadOnlySpan<byte> afterName)
    {
        var rest = afterName.TrimStart(" \t\r\n"u8);
        if (rest is not [(byte)':', ..])
        {
            return null;
        }

        rest = rest[1..].TrimStart(" \t\r\n"u8);
        if (rest is [(byte)'[', ..])
        {
            // Of a list the first one.
            rest = rest[1..].TrimStart(" \t\r\n"u8);
        }

        if (rest is not [(byte)'"', ..])
        {
            return null;
        }

        rest = rest[1..];
        var end = rest.IndexOf((byte)'"');
        return end is > 0 and <= 512 ? Encoding.ASCII.GetString(rest[..end]) : null;
    }

    private static string? FromValue(string value)
    {
        // Some writers of JSON escape slashes.
        value = value.Replace("\\/", "/", StringComparison.Ordinal);
        if (value.StartsWith("cachedContents/", StringComparison.Ordinal) || value.StartsWith("fileSearchStores/", StringComparison.Ordinal))
        {
            return FromPath(value);
        }

        // A file is named by a URL of the API; one of another site (YouTube, a bucket) belongs to no key's project.
        var file = FileUri().Match(value);
        return file.Success ? FromPath(file.Groups[1].Value) : null;
    }

    private static string Interaction(string id) => id.StartsWith(Interactions, StringComparison.Ordinal) ? id : Interactions + id;

    private static (byte[] Name, bool IsInteraction) Named(string property) => (Quoted(property), false);

    private static byte[] Quoted(string property) => Encoding.ASCII.GetBytes($"\"{property}\"");

    [GeneratedRegex("^(?:https?://[^/]+/(?:download/)?v1(?:beta|alpha)?/)?(files/[^/?:.]+)(?![^/?:])", RegexOptions.CultureInvariant)]
    private static partial Regex FileUri();
}
