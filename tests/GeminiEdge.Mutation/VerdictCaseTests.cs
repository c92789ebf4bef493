using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Verdicts;

/// <summary>The cases of VerdictTableTests through an edge without sockets: hundreds a second, for each mutant.</summary>
public class VerdictCaseTests
{
    public static TheoryData<string> Names => [.. VerdictCase.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answer_OfTheTable_IsJudgedAndRemembered(string name)
    {
        var row = VerdictCase.All[name];
        var clock = new FakeTimeProvider(row.Begin);
        using var upstream = new Upstream(row);
        using var edge = new InProcessEdge(["the-only-key-of-this-edge"], upstream, clock, InProcessEdge.NoPatience);

        await edge.SendAsync(row.Call.Path, row.RequestBody, row.Call.Verb);

        var attempt = edge.Log.Select(line => JsonNode.Parse(line)!).First(line => line["event"]!.GetValue<string>() is "gemini_ok" or "gemini_fail" or "gemini_reject");
        row.AssertJudged(attempt, edge.Ring);
    }

    private sealed class Upstream(VerdictCase row) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new ByteArrayContent(row.Status is 204 or 304 ? [] : row.Body);
            content.Headers.ContentType = row.ContentType is null ? null : MediaTypeHeaderValue.Parse(row.ContentType);
            var answer = new HttpResponseMessage((HttpStatusCode)row.Status) { Content = content, RequestMessage = request };
            if (row.RetryAfter is not null)
            {
                answer.Headers.TryAddWithoutValidation("Retry-After", row.RetryAfter);
            }

            return Task.FromResult(answer);
        }
    }
}
