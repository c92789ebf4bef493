using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>Finds the names of resources that belong to one key's project, as <c>files/abc</c>.</summary>
internal static partial class ResourceName
{
    private static readonly byte[][] Properties =
        ["\"fileUri\""u8.ToArray(), "\"file_uri\""u8.ToArray(), "\"cachedContent\""u8.ToArray(), "\"cached_content\""u8.ToArray(), "\"previous_interaction_id\""u8.ToArray()];

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
        foreach (var property in Properties)
        {
            for (var rest = body; rest.IndexOf(property) is >= 0 and var at; rest = rest[(at + property.Length)..])
            {
                if ((at == 0 || rest[at - 1] != (byte)'\\') && Value(rest[(at + property.Length)..]) is { } value
                    && FromValue(value, property) is { } name)
                {
                    return name;
                }
            }
        }

        return null;
    }

    /// <summary>The one that an answer says was made or read: <c>name</c>, <c>file.name</c> or an interaction's <c>id</c>.</summary>
    public static string? FromAnswer(ReadOnlyMemory<byte> answer, GeminiCall call)
    {
        if (call.IsFile)
        {
            return null;
        }

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
                    ? "interactions/" + id.GetString()
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
        if (rest is not [(byte)'"', ..])
        {
            return null;
        }

        rest = rest[1..];
        var end = rest.IndexOf((byte)'"');
        return end is > 0 and <= 512 ? Encoding.ASCII.GetString(rest[..end]) : null;
    }

    private static string? FromValue(string value, ReadOnlySpan<byte> property)
    {
        if (property.SequenceEqual("\"previous_interaction_id\""u8))
        {
            return "interactions/" + value;
        }

        // Some writers of JSON escape slashes.
        value = value.Replace("\\/", "/", StringComparison.Ordinal);
        if (value.StartsWith("cachedContents/", StringComparison.Ordinal))
        {
            return FromPath(value);
        }

        // A file is named by a URL of the API; one of another site (YouTube, a bucket) belongs to no key's project.
        var file = FileUri().Match(value);
        return file.Success ? FromPath(file.Groups[1].Value) : null;
    }

    [GeneratedRegex("^(?:https?://[^/]+/v1(?:beta|alpha)?/)?(files/[^/?:]+)", RegexOptions.CultureInvariant)]
    private static partial Regex FileUri();
}
