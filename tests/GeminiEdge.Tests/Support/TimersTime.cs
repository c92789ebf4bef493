using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Support;

/// <summary>A fake clock that says which waits have begun: a test that moves it before would let them wait for ever.</summary>
internal sealed class TimersTime : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    /// <summary>A wait of this length has begun.</summary>
    public Task WaitAsync(TimeSpan length) => Eventually.IsAsync(() => HasBegun(length));

    public bool HasBegun(TimeSpan length) => _waits.Contains(length);

    /// <summary>Looks at later waits alone.</summary>
    public void Forget() => _waits.Clear();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _waits.Enqueue(dueTime);
        return timer;
    }
}
