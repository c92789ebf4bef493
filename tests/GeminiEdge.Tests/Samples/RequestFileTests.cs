using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Samples;

/// <summary>Every request of requests.http is sent to the local run that it is written for.</summary>
public class RequestFileTests
{
    [Fact]
    public async Task Requests_OfTheFile_AreAllAnswered()
    {
        await using var edge = EdgeProcess.Start(("ASPNETCORE_URLS", "http://127.0.0.1:0"), ("ASPNETCORE_ENVIRONMENT", "Development"));
        var url = (await edge.Listening).ToString().TrimEnd('/');
        var text = Repository.Read("requests.http");
        var file = RequestFile.Parse(text, (name, value) => name == "edge" ? url : value);
        using var client = new HttpClient();

        Assert.Equal(text.Split("\n### ").Length - 1, file.Requests.Count);
        foreach (var request in file.Requests)
        {
            // An event stream goes on until somebody stops it.
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.True(response.IsSuccessStatusCode, $"{request.Method} {request.RequestUri!.PathAndQuery}: {(int)response.StatusCode}");
        }
    }

    [Fact]
    public void Requests_OfTheFile_CoverEachRouteThatIsDocumented()
    {
        var sent = RequestFile.Parse(Repository.Read("requests.http"), (_, value) => value).Requests.Select(request => $"{request.Method} {request.RequestUri!.AbsolutePath}").ToList();
        var routes = EdgeDocument.OfSources().Routes.Where(route => route != "GET /").ToList();

        Assert.All(routes, route => Assert.Contains(sent, request => request.StartsWith(route.Replace("{action}", "", StringComparison.Ordinal), StringComparison.Ordinal)));
        Assert.All(["generateContent", "streamGenerateContent", "countTokens", "/openai/chat/completions"], call => Assert.Contains(sent, request => request.EndsWith(call, StringComparison.Ordinal)));
    }
}
