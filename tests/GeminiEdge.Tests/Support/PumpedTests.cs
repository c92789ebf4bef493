using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Support;

/// <summary>Tests on a clock that stands still, with an upstream without sockets: whoever waits goes on when the test says so.</summary>
public abstract class PumpedTests : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);
    private readonly SynchronizationContext? _before = SynchronizationContext.Current;

    private protected PumpedTests(FakeTimeProvider? time = null)
    {
        Time = time ?? new JumpyTime();
        Upstream = new FakeUpstream(AnswerAsync);
        SynchronizationContext.SetSynchronizationContext(Context);
    }

    private protected static string[] Keys { get; } = ["the-first-key-of-two", "the-second-key-of-two"];

    private protected FakeTimeProvider Time { get; }

    private protected PumpedContext Context { get; } = new();

    private protected FakeUpstream Upstream { get; }

    public void Dispose()
    {
        SynchronizationContext.SetSynchronizationContext(_before);
        Stop();
        Context.Dispose();
        Upstream.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What the upstream answers.</summary>
    private protected abstract Task<HttpResponseMessage> AnswerAsync(UpstreamCall call);

    /// <summary>At the end, while the upstream is still there.</summary>
    private protected virtual void Stop()
    {
    }

    /// <summary>Lets time pass, in steps, until it is over or enough.</summary>
    private protected void Pass(TimeSpan length, Func<bool>? isEnough = null)
    {
        Context.Settle();
        for (var left = length; left > TimeSpan.Zero && isEnough?.Invoke() != true; left -= Step)
        {
            Time.Advance(left < Step ? left : Step);
            Context.Settle();
        }
    }

    /// <summary>Lets time pass until these have ended; they may at its end, too.</summary>
    private protected void PassUntil(TimeSpan length, params Task[] requests)
    {
        Pass(length, () => Array.TrueForAll(requests, request => request.IsCompleted));
        Assert.True(Context.Run(() => Array.Exists(requests, request => !request.IsCompleted)));
    }

    /// <summary>Of a request that has ended.</summary>
    private protected static EdgeAnswer Answered(Task<EdgeAnswer> request)
    {
        Assert.True(request.IsCompleted);
        return request.GetAwaiter().GetResult();
    }

    /// <summary>Of a request that has ended.</summary>
    private protected static int Status(Task<EdgeAnswer> request) => Answered(request).Status;
}
