using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using GeminiEdge.Tests.Functions.Host;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Functions;

/// <summary>Whichever of the two apps is deployed, callers and operators see the same.</summary>
public partial class BothAppsTests
{
    private const string Prompt = """{"prompt":"Say hello"}""";
    private const string Model = "/v1beta/models/gemini-flash-latest";

    private static readonly Sent[] Requests =
    [
        new("POST", "/api/generate", "function", Prompt),
        new("POST", "/api/generate", "master", """{"prompt":"Say hello","stream":true}"""),
        new("POST", "/api/generate", "none", Prompt),
        new("POST", "/api/generate", "function", "not json"),
        new("POST", "/api/generate", "function", """{"prompt":"x","tempo":1}"""),
        new("POST", "/api/generate", "function", """{"prompt":"x","model":"no-such-model"}"""),
        new("POST", "/api/generate", "function", Prompt, "text/plain"),
        new("GET", "/api/generate", "function"),
        new("POST", "/api/nothing", "function", Prompt),
        new("POST", "/api/admin%2fprobe", "function", Prompt),
        new("GET", "/api/health", "none"),
        new("HEAD", "/api/health", "none"),
        new("GET", "/api/status", "none"),
        new("GET", "/api/status/x", "none"),
        new("GET", "/api/admin/status", "function"),
        new("POST", "/api/admin/probe", "function"),
        new("GET", "/api/admin/probe", "master"),
        new("POST", $"{Model}:generateContent", "client", EdgeHost.Contents("Say hello")),
        new("POST", $"{Model}:streamGenerateContent?alt=sse", "client", EdgeHost.Contents("Say hello")),
        new("POST", $"{Model}:streamGenerateContent", "client", EdgeHost.Contents("Say hello")),
        new("POST", $"{Model}:generateContent", "none", EdgeHost.Contents("Say hello")),
        new("POST", $"{Model}:generateContent", "client", "{}"),
        new("POST", "/v1beta/models/no-such-model:generateContent", "client", EdgeHost.Contents("Say hello")),
        new("POST", $"{Model}:countTokens", "client", EdgeHost.Contents("Say hello")),
        new("GET", "/v1beta/models", "client"),
        new("GET", "/v1beta/files/none", "client"),
        new("POST", "/v1beta/..%2fapi/generate", "client", Prompt),
        new("POST", "/v1beta/openai/chat/completions", "client", """{"model":"no-such-model","messages":[{"role":"user","content":"Say hello"}]}"""),
        new("GET", "/nothing/of/the/app", "none"),
    ];

    [Fact]
    public async Task Requests_OfEveryKind_GetTheSameAnswerAndTheSameLine()
    {
        await using var upstream = await SharedUpstream.StartAsync();

        // What takes longer to publish is published last: nobody waits for the other meanwhile.
        await using var worker = await HostedEdge.StartAsync(HostingModel.IsolatedWorker, upstream);
        await using var handler = await HostedEdge.StartAsync(HostingModel.CustomHandler, upstream);
        for (var number = 0; number < Requests.Length; number++)
        {
            Assert.Equal(await AnswerAsync(handler, Requests[number], $"r-{number}"), await AnswerAsync(worker, Requests[number], $"r-{number}"));
        }

        // A line is written after the answer it is about.
        await Task.WhenAll(handler.Host.Log.WaitForAsync("attempt", 8), worker.Host.Log.WaitForAsync("attempt", 8));
        using var patience = new CancellationTokenSource(Patience.Limit);
        while (!Lines(handler).SequenceEqual(Lines(worker)) && !patience.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        Assert.Equal(Lines(handler), Lines(worker));
    }

    [Fact]
    public async Task WrongSettings_OfEveryKind_AreSaidInTheSameWords()
    {
        var handler = await StartOutcome.OfAsync(HostingModel.CustomHandler);
        var worker = await StartOutcome.OfAsync(HostingModel.IsolatedWorker);

        Assert.Equal(WrongStart.All.Keys.Order(), handler.Keys.Order());
        Assert.All(handler, outcome => Assert.Equal(outcome.Value.Lines, worker[outcome.Key].Lines));
    }

    private static async Task<string> AnswerAsync(HostedEdge edge, Sent sent, string id)
    {
        using var request = new HttpRequestMessage(new HttpMethod(sent.Method), sent.Target);
        request.Headers.Add("x-request-id", id);
        if (sent.Body is not null)
        {
            request.Content = new StringContent(sent.Body, Encoding.UTF8, sent.MediaType);
        }

        switch (sent.Key)
        {
            case "client":
                request.Headers.Add("x-goog-api-key", HostedEdge.ClientKey);
                break;
            case not "none":
                request.Headers.Add("x-functions-key", sent.Key == "master" ? edge.Host.MasterKey : edge.Host.FunctionKey);
                break;
        }

        using var answer = await edge.Client.SendAsync(request);
        var body = NewEachTime().Replace(await answer.Content.ReadAsStringAsync(), "…");
        return $"{sent}\n{(int)answer.StatusCode}\n{Text(answer.Headers)}{Text(answer.Content.Headers)}\n{body}";
    }

    // The time of day is the one thing that may differ; how a body is cut into chunks is the host's.
    private static string Text(HttpHeaders headers) => string.Concat(headers
        .Where(header => header.Key is not ("Date" or "Transfer-Encoding"))
        .OrderBy(header => header.Key, StringComparer.Ordinal)
        .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}\n"));

    private static IEnumerable<string> Lines(HostedEdge edge) => edge.Host.Log.Events

        // What the framework says of a machine that has too much to do is not the app's.
        .Where(line => LogCapture.Name(line) != "framework")
        .Select(line =>
        {
            foreach (var time in (string[])["time", "duration_ms", "ttft_ms"])
            {
                line.Remove(time);
            }

            return line.ToJsonString();
        })
        .Order(StringComparer.Ordinal);

    // Gemini's, not the edge's.
    [GeneratedRegex("""(?<="responseId": ?")[^"]+""")]
    private static partial Regex NewEachTime();

    private sealed record Sent(string Method, string Target, string Key, string? Body = null, string MediaType = "application/json");
}
