using System.Text;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>The published edge behind the host's stand-in, in front of the sandbox with two keys.</summary>
internal sealed class HostedEdge : IAsyncDisposable
{
    public const string ClientKey = "client-key-of-an-app";
    private readonly SecretWatch _secrets;

    private HostedEdge(FunctionsHost host, GeminiSandbox sandbox, SandboxKey primary, SandboxKey secondary)
    {
        (Host, Sandbox, Primary, Secondary) = (host, sandbox, primary, secondary);
        _secrets = new SecretWatch();
        _secrets.AddUpstreamKey(primary.Value);
        _secrets.AddUpstreamKey(secondary.Value);
        _secrets.AddCallerKey(ClientKey);
        _secrets.AddCallerKey(host.FunctionKey);
        _secrets.AddCallerKey(host.MasterKey);
        Client = new HttpClient(new WatchingHandler(_secrets, new SocketsHttpHandler { AllowAutoRedirect = false })) { BaseAddress = host.Url };
    }

    public FunctionsHost Host { get; }

    public GeminiSandbox Sandbox { get; }

    public SandboxKey Primary { get; }

    public SandboxKey Secondary { get; }

    public HttpClient Client { get; }

    /// <summary>Starts it with settings beside keys, upstream and one client key; one given here replaces one of those.</summary>
    public static async Task<HostedEdge> StartAsync(params (string Name, string Value)[] settings)
    {
        var folder = await PublishedFolder.CustomHandlerAsync();
        var sandbox = await GeminiSandbox.StartAsync(new GeminiSandboxOptions { ChunkDelay = TimeSpan.Zero });
        var (primary, secondary) = (sandbox.AddKey(project: "projects/1001"), sandbox.AddKey(project: "projects/1002"));
        var host = await FunctionsHost.StartAsync(folder.Path,
        [
            ("GEMINI_BASE_URL", sandbox.BaseUrl.AbsoluteUri), ("GEMINI_API_KEY_PRIMARY", primary.Value), ("GEMINI_API_KEY_SECONDARY", secondary.Value),
            ("GEMINI_EDGE_CLIENT_KEYS", ClientKey), .. settings,
        ]);
        return new HostedEdge(host, sandbox, primary, secondary);
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

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _secrets.See("standard output", string.Join('\n', Host.Log.Lines));
        _secrets.See("standard error", Host.Handler.Errors);
        await Host.DisposeAsync();
        await Sandbox.DisposeAsync();
        _secrets.AssertClean();
    }
}
