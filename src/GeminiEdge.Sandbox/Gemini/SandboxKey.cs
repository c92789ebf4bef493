using System.Collections.Concurrent;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>An API key the sandbox knows; its state may change at any moment and counts from the next request on.</summary>
public sealed class SandboxKey
{
    private readonly ConcurrentDictionary<string, SandboxKeyState> _models = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<SandboxCallKind, SandboxKeyState> _kinds = new();
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

    /// <summary>What a per-minute quota, or <see cref="SandboxKeyState.WaitInWords"/>, asks to wait. The default is 19.27 seconds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(19.27);

    /// <summary>What <see cref="SandboxKeyState.QuotaInMetadata"/> names as the quota's limit. The default is 0: the project has none.</summary>
    public int QuotaLimit { get; set; }

    /// <summary>How long every answer to it is kept back. The default is not at all.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>How many requests have presented it.</summary>
    public int RequestCount => Volatile.Read(ref _requestCount);

    /// <summary>Gives one model, as requests name it without <c>models/</c>, a state of its own.</summary>
    public void SetState(string model, SandboxKeyState state) => _models[model] = state;

    /// <summary>What the key does for a model.</summary>
    public SandboxKeyState StateOf(string model) => _models.TryGetValue(model, out var state) ? state : _state;

    /// <summary>Gives one kind of call a state of its own, whatever it is for; null takes it away.</summary>
    public void SetState(SandboxCallKind kind, SandboxKeyState? state)
    {
        if (state is { } own)
        {
            _kinds[kind] = own;
        }
        else
        {
            _kinds.TryRemove(kind, out _);
        }
    }

    /// <summary>What the key does for a kind of call; null where that has no state of its own.</summary>
    public SandboxKeyState? StateOf(SandboxCallKind kind) => _kinds.TryGetValue(kind, out var state) ? state : null;

    /// <summary>The project only: a key is a secret even here.</summary>
    public override string ToString() => $"Key of {Project}";

    internal bool HasKinds => !_kinds.IsEmpty;

    internal void CountRequest() => Interlocked.Increment(ref _requestCount);
}
