using System.Globalization;
using System.Net;
using System.Text;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>
/// Answers what is asked of Google, one answer after the other, and 404 from then on. Each is a status, perhaps with a content type behind
/// it, and its body on the lines below.
/// </summary>
internal sealed class FixedGoogle(IReadOnlyList<string> answers) : HttpMessageHandler
{
    private const string Between = "\n---\n";

    /// <summary>What was asked for.</summary>
    public List<(HttpMethod Method, Uri Address)> Asked { get; } = [];

    /// <summary>The answers that were given.</summary>
    public List<(int Status, byte[] Body)> Given { get; } = [];

    public static FixedGoogle Of(string text) => new(text.Split(Between));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Add((request.Method, request.RequestUri!));
        var (line, below) = Given.Count < answers.Count ? Split(answers[Given.Count]) : ("404", """{"error":{"code":404,"status":"NOT_FOUND"}}""");
        var words = line.Split(' ', 2);
        var status = int.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 200 and <= 599 ? number : 200;
        var body = Encoding.Latin1.GetBytes(below);
        Given.Add((status, body));
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent(body), RequestMessage = request };
        response.Content.Headers.TryAddWithoutValidation("Content-Type", words is [_, var type] ? type : "application/json; charset=UTF-8");
        return Task.FromResult(response);
    }

    private static (string Line, string Below) Split(string answer)
    {
        var end = answer.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? (answer, "") : (answer[..end], answer[(end + 1)..]);
    }
}
