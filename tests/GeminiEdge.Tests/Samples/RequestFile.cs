using System.Text;
using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Samples;

/// <summary>A file of requests as the REST clients of editors read it: variables, and requests with ### between them.</summary>
internal sealed partial class RequestFile
{
    private readonly Dictionary<string, string> _variables = [];

    private RequestFile(string text, Func<string, string, string> change)
    {
        foreach (Match variable in Variable().Matches(text))
        {
            _variables[variable.Groups[1].Value] = change(variable.Groups[1].Value, variable.Groups[2].Value);
        }

        Requests = [.. Separator().Split(text).Select(Read).OfType<HttpRequestMessage>()];
    }

    public IReadOnlyList<HttpRequestMessage> Requests { get; }

    /// <param name="text">The file.</param>
    /// <param name="change">What a variable is instead, by its name and value.</param>
    public static RequestFile Parse(string text, Func<string, string, string> change) => new(text, change);

    private HttpRequestMessage? Read(string part)
    {
        // The rest of the separator's line is the request's title.
        var lines = part.Split('\n').Skip(1).SkipWhile(line => line.Length == 0 || line.StartsWith('#') || line.StartsWith('@')).Select(Fill).ToList();
        if (lines.Count == 0)
        {
            return null;
        }

        var (method, target) = lines[0].Split(' ') is [var verb, var url] ? (verb, url) : throw new FormatException(lines[0]);
        var request = new HttpRequestMessage(new HttpMethod(method), target);
        var headers = lines.Skip(1).TakeWhile(line => line.Length > 0).Select(line => line.Split(": ", 2)).ToDictionary(header => header[0], header => header[1]);
        var body = string.Join('\n', lines.Skip(headers.Count + 2)).Trim();
        if (body.Length > 0)
        {
            request.Content = new StringContent(body, Encoding.UTF8, headers["Content-Type"]);
            headers.Remove("Content-Type");
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return request;
    }

    private string Fill(string line) => Use().Replace(line, use => _variables[use.Groups[1].Value]);

    [GeneratedRegex(@"^@(\w+) = (.+)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex("^###", RegexOptions.Multiline)]
    private static partial Regex Separator();

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Use();
}
