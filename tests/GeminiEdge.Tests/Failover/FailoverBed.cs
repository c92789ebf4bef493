using GeminiEdge.Failover;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Failover;

/// <summary>An app's failover in front of the sandbox, with two keys of different projects. When a test is done with it, what it said has been searched for keys.</summary>
internal sealed class FailoverBed : IAsyncDisposable
{
    private readonly SecretWatch _secrets = new();

    private FailoverBed(GeminiSandbox sandbox)
    {
        Sandbox = sandbox;
        (Primary, Secondary) = (sandbox.AddKey(project: "projects/1001"), sandbox.AddKey(project: "projects/1002", kind: SandboxKeyKind.Standard));
        _secrets.AddUpstreamKey(Primary.Value);
        _secrets.AddUpstreamKey(Secondary.Value);
        Options = new GeminiFailoverOptions { BaseUrl = sandbox.BaseUrl, Keys = [Primary.Value, Secondary.Value], Patience = TimeSpan.Zero };
        Http = new HttpClient(new GeminiFailoverHandler(Options, Log)) { BaseAddress = sandbox.BaseUrl };
    }

    public GeminiSandbox Sandbox { get; }

    public SandboxKey Primary { get; }

    public SandboxKey Secondary { get; }

    public GeminiFailoverOptions Options { get; }

    /// <summary>What an SDK is given.</summary>
    public HttpClient Http { get; }

    public EventCapture Log { get; } = new();

    /// <summary>The base address of OpenAI's dialect.</summary>
    public Uri OpenAi => new(Sandbox.BaseUrl, "v1beta/openai/");

    public static async Task<FailoverBed> StartAsync() => new(await GeminiSandbox.StartAsync(new() { ChunkDelay = TimeSpan.Zero }));

    /// <summary>Looks for keys in what a caller was told.</summary>
    public string See(string text)
    {
        _secrets.See("a caller's text", text);
        return text;
    }

    /// <summary>Whether the text names both keys, as an operator reads it.</summary>
    public void AssertNamesTheKeys(string text)
    {
        Assert.Contains($"PRIMARY …{Primary.Value[^4..]} key_invalid (400)", See(text), StringComparison.Ordinal);
        Assert.Contains($"SECONDARY …{Secondary.Value[^4..]} key_leaked (403)", text, StringComparison.Ordinal);
    }

    /// <summary>PRIMARY invalid, SECONDARY leaked.</summary>
    public void KillAll() => (Primary.State, Secondary.State) = (SandboxKeyState.Invalid, SandboxKeyState.Leaked);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Sandbox.DisposeAsync();
        foreach (var logged in Log.Events)
        {
            _secrets.See($"the event {logged.Name}", logged.Text + string.Join(' ', logged.Fields.Values));
        }

        _secrets.AssertClean();
    }
}
