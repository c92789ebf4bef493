using System.Text;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>The published edge behind the host's stand-in, in front of the sandbox with two keys.</summary>
internal sealed class HostedEdge : IAsyncDisposable
{
    public const string ClientKey = "client-key-of-an-app";
    private readonly SecretWatch _secrets;
    private readonly SharedUpstream _upstream;
    private readonly SharedUpstream? _own;
    private int _linesSeen;

    private HostedEdge(FunctionsHost host, SharedUpstream upstream, SharedUpstream? own)
    {
        (Host, _upstream, _own) = (host, upstream, own);
        _secrets = new SecretWatch();
        _secrets.AddUpstreamKey(Primary.Value);
        _secrets.AddUpstreamKey(Secondary.Value);
        _secrets.AddCallerKey(ClientKey);
        _secrets.AddCallerKey(host.FunctionKey);
        _secrets.AddCallerKey(host.MasterKey);
        Client = new HttpClient(new WatchingHandler(_secrets, new SocketsHttpHandler { AllowAutoRedirect = false })) { BaseAddress = host.Url };
    }

    public FunctionsHost Host { get; }

    public GeminiSandbox Sandbox => _upstream.Sandbox;

    public SandboxKey Primary => _upstream.Primary;

    public SandboxKey Secondary => _upstream.Secondary;

    public HttpClient Client { get; }

    /// <summary>Starts it with settings beside keys, upstream and one client key; one given here replaces one of those.</summary>
    public static async Task<HostedEdge> StartAsync(HostingModel model, params (string Name, string Value)[] settings)
    {
        var upstream = await SharedUpstream.StartAsync();
        return await StartAsync(model, upstream, upstream, settings);
    }

    /// <summary>Starts it so in front of an upstream that others use too.</summary>
    public static Task<HostedEdge> StartAsync(HostingModel model, SharedUpstream upstream, params (string Name, string Value)[] settings) =>
        StartAsync(model, upstream, null, settings);

    private static async Task<HostedEdge> StartAsync(HostingModel model, SharedUpstream upstream, SharedUpstream? own, (string Name, string Value)[] settings)
    {
        var folder = await PublishedFolder.OfAsync(model);
        var host = await FunctionsHost.StartAsync(folder.Path,
        [
            ("GEMINI_BASE_URL", upstream.Sandbox.BaseUrl.AbsoluteUri),
            ("GEMINI_API_KEY_PRIMARY", upstream.Primary.Value), ("GEMINI_API_KEY_SECONDARY", upstream.Secondary.Value),
            ("GEMINI_EDGE_CLIENT_KEYS", ClientKey), .. settings,
        ]);
        return new HostedEdge(host, upstream, own);
    }

    /// <summary>Posts JSON with one key in one header; returns as soon as the headers are there.</summary>
    public Task<HttpResponseMessage> PostAsync(string target, string json, string? header = null, string? key = null, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        if (header is not null)
        {
            request.Headers.Add(header, key);
        }

        return Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    /// <summary>A request line as no client library would write it.</summary>
    public Task<RawAnswer> SendRawAsync(string method, string target, params ReadOnlySpan<string> headers) =>
        RawHttp.ExchangeAsync(Host.Url, _secrets, RawHttp.Head(Host.Url, method, target, headers) + "\r\n");

    /// <summary>A prompt with the function key.</summary>
    public Task<HttpResponseMessage> GenerateAsync(string json = """{"prompt":"Say hello"}""") => PostAsync("/api/generate", json, "x-functions-key", Host.FunctionKey);

    /// <summary>A native request with the client key.</summary>
    public Task<HttpResponseMessage> NativeAsync(string path = "/v1beta/models/gemini-flash-latest:generateContent") =>
        PostAsync(path, EdgeHost.Contents("Say hello"), "x-goog-api-key", ClientKey);

    /// <summary>A stream whose first piece, <c>One</c>, has arrived.</summary>
    public async Task<(GatedAnswer Upstream, Stream Answer)> BeginStreamAsync()
    {
        var upstream = new GatedAnswer(ScriptedAnswer.EventStream);
        Sandbox.OnRequest = upstream.AnswerAsync;
        var pending = GenerateAsync("""{"prompt":"Hi","stream":true}""");
        await upstream.Asked;
        upstream.Send(GeminiChunk.Event(GeminiChunk.Text("One")));
        var answer = await (await pending).Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        await answer.ExpectAsync("data: {\"text\":\"One\"}\n\n");
        return (upstream, answer);
    }

    /// <summary>Has the sandbox answer as at the start, and forget what it was asked.</summary>
    public void ResetSandbox()
    {
        Sandbox.OnRequest = null;
        Sandbox.ClearRequests();
    }

    /// <summary>Fails if anything that came out so far holds a key.</summary>
    public void AssertSaysNoKey()
    {
        var lines = Host.Log.Lines;
        _secrets.See("the log", string.Join('\n', lines.Skip(_linesSeen)));
        _secrets.See("standard error", Host.Process.Errors);
        _linesSeen = lines.Count;
        _secrets.AssertClean();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.DisposeAsync();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }

        _linesSeen = 0;
        AssertSaysNoKey();
    }
}
