using System.Collections.Concurrent;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>Makes known to Gemini what became of a key, when its time has come.</summary>
internal sealed class KeyPropagation(TimeProvider time) : IDisposable
{
    // A timer that nothing refers to may be collected before it fires.
    private readonly ConcurrentBag<ITimer> _timers = [];

    /// <summary>Changes the key's state after a while, unless something else has happened to it by then.</summary>
    public void Change(SandboxKey key, SandboxKeyState from, SandboxKeyState to, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Apply();
            return;
        }

        _timers.Add(time.CreateTimer(_ => Apply(), null, delay, Timeout.InfiniteTimeSpan));

        void Apply()
        {
            if (key.State == from)
            {
                key.State = to;
            }
        }
    }

    public void Dispose()
    {
        foreach (var timer in _timers)
        {
            timer.Dispose();
        }
    }
}
