using System.Net.Sockets;
using System.Security.Authentication;
using GeminiEdge.Failover;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Failover;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>Where the verdict is network, text and log say what it was: a name, a port, a certificate and a broken line are mended in different places.</summary>
public class NetworkFaultTests
{
    private static readonly string[] Keys = ["the-only-key-of-this-edge-aaaa"];
    private static readonly Dictionary<string, string?> AtOnce = new() { ["GeminiEdge:Patience"] = "00:00:00" };

    /// <summary>What the connection's handler throws, as SocketsHttpHandler does.</summary>
    private static readonly Dictionary<string, (string Word, Func<Exception> Thrown)> Faults = new()
    {
        ["no such host"] = ("dns", () => new HttpRequestException(HttpRequestError.NameResolutionError, "x", new SocketException((int)SocketError.HostNotFound))),
        ["no answer of a name server"] = ("dns", () => new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.TryAgain))),
        ["refused"] = ("connect", () => new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.ConnectionRefused))),
        ["no route"] = ("connect", () => new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.NetworkUnreachable))),
        ["the system's own timeout"] = ("timeout", () => new HttpRequestException(HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.TimedOut))),
        ["connect timeout"] = ("timeout", () => new TaskCanceledException("x", new TimeoutException())),
        ["certificate"] = ("tls", () => new HttpRequestException(HttpRequestError.SecureConnectionError, "x", new AuthenticationException())),
        ["certificate, without its word"] = ("tls", () => new HttpRequestException("x", new AuthenticationException())),
        ["reset"] = ("reset", () => new HttpRequestException("x", new IOException("x", new SocketException((int)SocketError.ConnectionReset)))),
        ["reset before it is used"] = ("reset", () => new SocketException((int)SocketError.ConnectionReset)),
        ["closed"] = ("reset", () => new HttpRequestException(HttpRequestError.ResponseEnded, "x")),
        ["not HTTP"] = ("protocol", () => new HttpRequestException(HttpRequestError.InvalidResponse, "x")),
        ["endless headers"] = ("protocol", () => new HttpRequestException(HttpRequestError.ConfigurationLimitExceeded, "x")),
    };

    public static TheoryData<string> Kinds => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Fault_OfEachKind_IsSaidInTextAttemptsAndLog(string kind)
    {
        var (word, thrown) = Faults[kind];
        using var upstream = new FakeUpstream(_ => Task.FromException<HttpResponseMessage>(thrown()));
        using var edge = new InProcessEdge(Keys, upstream, TimeProvider.System, AtOnce);

        var answer = await edge.NativeAsync();

        Assert.Equal(502, answer.Status);
        Assert.Contains($"GeminiEdge: PRIMARY …aaaa network ({word}).", answer.Body, StringComparison.Ordinal);
        Assert.Contains($$"""\"verdict\":\"network\",\"skipped\":false,\"network\":\"{{word}}\"}""", answer.Body.Replace("\\u0022", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains($"\"verdict\":\"network\",\"network\":\"{word}\"", Assert.Single(edge.Log, line => line.Contains("gemini_fail", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Upstream_NameIsUnknown_IsDns() => await AssertWordAsync("https://gemini-edge.invalid", "dns");

    [Fact]
    public async Task Upstream_NobodyListens_IsConnect() => await AssertWordAsync(RawUpstream.Nobody(), "connect");

    [Fact]
    public async Task Upstream_SpeaksNoTls_IsTls()
    {
        await using var plain = await GeminiSandbox.StartAsync(new GeminiSandboxOptions());
        await AssertWordAsync($"https://{plain.BaseUrl.Authority}", "tls");
    }

    [Fact]
    public async Task Upstream_ClosesBeforeItAnswers_IsReset()
    {
        await using var upstream = RawUpstream.Saying("");
        await AssertWordAsync(upstream.Url, "reset");
    }

    [Fact]
    public async Task Upstream_IsNotHttp_IsProtocol()
    {
        await using var upstream = RawUpstream.Saying("SSH-2.0-OpenSSH_9.6\r\n\r\n");
        await AssertWordAsync(upstream.Url, "protocol");
    }

    [Theory]
    [InlineData(true, "reset")]
    [InlineData(false, "cut")]
    public async Task Stream_BreaksOffOrEndsTooEarly_SaysWhichInTheLog(bool breaks, string word)
    {
        await using var edge = await EdgeHost.StartAsync();
        var upstream = new GatedAnswer(ScriptedAnswer.EventStream);
        edge.Sandbox.OnRequest = upstream.AnswerAsync;
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text("Once")));
        using var response = await edge.GenerateAsync(stream: true);
        if (breaks)
        {
            upstream.Cut();
        }
        else
        {
            upstream.End();
        }

        await response.ReadAllAsync();

        Assert.Equal(word, (await edge.Log.WaitForAsync("gemini_fail"))["network"]!.GetValue<string>());
    }

    [Fact]
    public async Task Attempt_OfAnyOtherVerdict_HasNoSuchField()
    {
        foreach (var verdict in UpstreamAnswers.Verdicts)
        {
            using var upstream = new FakeUpstream(_ => UpstreamAnswers.Of(verdict));
            using var edge = new InProcessEdge(Keys, upstream, TimeProvider.System, AtOnce);

            Assert.DoesNotContain("\"network\"", (await edge.NativeAsync()).Body, StringComparison.Ordinal);
            Assert.DoesNotContain(edge.Log, line => line.Contains("\"network\"", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task UploadBytes_ConnectionNeverOpens_SaysWhatItWas()
    {
        using var upstream = new FakeUpstream(_ => Task.FromException<HttpResponseMessage>(Faults["no such host"].Thrown()));
        using var edge = new InProcessEdge(Keys, upstream, TimeProvider.System, AtOnce);

        var answer = await edge.SendAsync("/upload/v1beta/files?upload_id=u&gemini_edge_key_id=aaaa", "hello");

        Assert.Contains("GeminiEdge: No connection to the upstream could be opened (dns); nothing was sent.", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Library_NobodyListens_SaysSoInItsExceptionAndItsEvent()
    {
        using var log = new EventCapture();
        using var client = new GeminiFailoverClient(new GeminiFailoverOptions { Keys = Keys, BaseUrl = new Uri(RawUpstream.Nobody()), Patience = TimeSpan.Zero }, log);

        var error = await Assert.ThrowsAsync<AllKeysFailedException>(() => client.GenerateAsync("Say hello"));

        Assert.Equal("GeminiEdge: PRIMARY …aaaa network (connect).", error.Message);
        Assert.Equal("connect", Assert.Single(log.Named("gemini_fail")).Fields["network"]);
    }

    private static async Task AssertWordAsync(string upstream, string word)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_BASE_URL"] = upstream } });

        var problem = await EdgeErrors.AssertProblemAsync(await edge.GenerateAsync(), 502, "all_keys_failed");

        Assert.Equal(
            $"GeminiEdge: PRIMARY …{edge.Primary.Value[^4..]} network ({word}), SECONDARY …{edge.Secondary.Value[^4..]} network ({word}).", problem["detail"]!.GetValue<string>());
        Assert.All(await edge.Log.WaitForAsync("gemini_fail", 2), line => Assert.Equal(word, line["network"]!.GetValue<string>()));
    }
}
