using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>A simulated Gemini with two keys, for one published edge or several.</summary>
internal sealed class SharedUpstream : IAsyncDisposable
{
    private SharedUpstream(GeminiSandbox sandbox)
    {
        Sandbox = sandbox;
        (Primary, Secondary) = (sandbox.AddKey(project: "projects/1001"), sandbox.AddKey(project: "projects/1002"));
    }

    public GeminiSandbox Sandbox { get; }

    public SandboxKey Primary { get; }

    public SandboxKey Secondary { get; }

    public static async Task<SharedUpstream> StartAsync() =>
        new(await GeminiSandbox.StartAsync(new GeminiSandboxOptions { ChunkDelay = TimeSpan.Zero }));

    public ValueTask DisposeAsync() => Sandbox.DisposeAsync();
}
