using System.Collections.Concurrent;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>An API key the sandbox knows; its state may change at any moment and counts from the next request on.</summary>
public sealed class SandboxKey
{
    private readonly ConcurrentDictionary<string, SandboxKeyState> _models = new(StringComparer.Ordinal);
    private volatile SandboxKeyState _state;
    private int _requestCount;

    internal SandboxKey(string value, string project, SandboxKeyState state) => (Value, Project, _state) = (value, project, state);

    /// <summary>The key as a client sends it.</summary>
    public string Value { get; }

    /// <summary>The project it belongs to, <c>projects/N</c>: keys of one project share files and caches.</summary>
    public string Project { get; }

    /// <summary>What it does for every model without a state of its own.</summary>
    public SandboxKeyState State
    {
        get => _state;
        set => _state = value;
    }

    /// <summary>What a per-minute quota asks to wait. The default is 19.27 seconds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(19.27);

    /// <summary>How many requests have presented it.</summary>
    public int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>Gives one model, as requests name it without <c>models/</c>, a state of its own.</summary>
    public void SetState(string model, SandboxKeyState state) => _models[model] = state;

    /// <summary>What the key does for a model.</summary>
    public SandboxKeyState StateOf(string model) => _models.TryGetValue(model, out var state) ? state : _state;

    /// <summary>The project only: a key is a secret even here.</summary>
    public override string ToString() => $"Key of {Project}";

    internal void CountRequest() => Interlocked.Increment(ref _requestCount);
}
