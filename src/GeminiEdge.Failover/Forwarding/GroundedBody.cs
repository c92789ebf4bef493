using System.Text;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Whether a request's body asks for a tool that has a quota of its own. Looks for the property's bytes instead of
/// parsing: inside a text the quotes would be escaped, so nothing that a prompt says can pass for one.
/// </summary>
internal static class GroundedBody
{
    private static readonly byte[][] Tools =
    [
        .. new[]
        {
            "googleSearch", "google_search", "googleSearchRetrieval", "google_search_retrieval", "enterpriseWebSearch", "enterprise_web_search",
            "googleMaps", "google_maps", "urlContext", "url_context",
        }.Select(tool => Encoding.ASCII.GetBytes($"\"{tool}\"")),
    ];

    // Most requests have no tools: they pay for two searches alone.
    public static bool IsGrounded(ReadOnlySpan<byte> body) => (body.IndexOf("\"tools\""u8) >= 0 && HasTool(body)) || HidesLetters(body);

    private static bool HasTool(ReadOnlySpan<byte> body)
    {
        foreach (var tool in Tools)
        {
            if (HasProperty(body, tool))
            {
                return true;
            }
        }

        return false;
    }

    // No writer of JSON escapes plain letters; whoever does may ask for anything.
    private static bool HidesLetters(ReadOnlySpan<byte> body)
    {
        for (var at = body.IndexOf("\\u00"u8); at >= 0; at = body.IndexOf("\\u00"u8))
        {
            body = body[(at + 4)..];
            if (body is [>= (byte)'4' and <= (byte)'7', ..])
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasProperty(ReadOnlySpan<byte> body, ReadOnlySpan<byte> name)
    {
        while (body.IndexOf(name) is >= 0 and var at)
        {
            var isEscaped = at > 0 && body[at - 1] == (byte)'\\';
            body = body[(at + name.Length)..];
            if (!isEscaped && body.TrimStart(" \t\r\n"u8) is [(byte)':', ..])
            {
                return true;
            }
        }

        return false;
    }
}
