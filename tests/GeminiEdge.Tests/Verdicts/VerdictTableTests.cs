using System.Text;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Verdicts;

/// <summary>Each realistic answer goes through the whole edge; its log and its memory say what was understood.</summary>
public class VerdictTableTests
{
    public static TheoryData<string> Names => [.. VerdictCase.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Answer_OfTheTable_IsJudgedAndRemembered(string name)
    {
        var row = VerdictCase.All[name];
        var clock = new FakeTimeProvider(row.Begin);
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Keys = 1, Time = clock });
        edge.Sandbox.OnRequest = context => AnswerAsync(context, row);

        using var response = await SendAsync(edge, row);
        await response.Content.CopyToAsync(Stream.Null);

        var attempt = await edge.Log.WaitForAsync("attempt");
        row.AssertJudged(attempt, edge.Ring);
    }

    [Fact]
    public void Fixtures_EveryVerdictOfAnAnswer_HasACase()
    {
        var missing = Enum.GetValues<Verdict>()
            .Except([Verdict.Network, Verdict.ClientGone, Verdict.Hedge, Verdict.EdgeStopped])
            .Select(verdict => Consequence.Of(verdict).Name)
            .Except(VerdictCase.All.Values.Select(row => row.Verdict));

        Assert.Empty(missing);
    }

    private static async Task<bool> AnswerAsync(HttpContext context, VerdictCase row)
    {
        var body = row.Body;
        context.Response.StatusCode = row.Status;
        if (row.ContentType is not null)
        {
            context.Response.ContentType = row.ContentType;
        }

        if (row.RetryAfter is not null)
        {
            context.Response.Headers.RetryAfter = row.RetryAfter;
        }

        if (row.Status is not (204 or 304))
        {
            await context.Response.Body.WriteAsync(body);
        }

        return true;
    }

    private static Task<HttpResponseMessage> SendAsync(EdgeHost edge, VerdictCase row)
    {
        var request = new HttpRequestMessage(HttpMethod.Parse(row.Call.Verb), row.Call.Path);
        if (row.RequestBody is { } text)
        {
            request.Content = new StringContent(text, Encoding.UTF8, "application/json");
        }

        return edge.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
