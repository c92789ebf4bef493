using GeminiEdge.Access;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Access;

public class TallyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<long> _told = [];

    [Fact]
    public void Add_ManyWithinASecond_TellsTheFirstAtOnceAndTheOthersTogether()
    {
        using var tally = new Tally(_time, _told.Add);
        Add(tally, 5);
        Assert.Equal([1], _told);

        _time.Advance(TimeSpan.FromSeconds(0.9));
        Assert.Equal([1], _told);

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal([1, 4], _told);

        // What comes in the second after that waits for its end too.
        Add(tally, 2);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1, 4, 2], _told);
    }

    [Fact]
    public void Add_AfterASecondOfSilence_IsToldAtOnce()
    {
        using var tally = new Tally(_time, _told.Add);
        Add(tally, 1);
        _time.Advance(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([1], _told);

        Add(tally, 2);
        Assert.Equal([1, 1], _told);
    }

    [Fact]
    public void Dispose_SomeAreUntold_TellsThemAndNoMore()
    {
        var tally = new Tally(_time, _told.Add);
        Add(tally, 3);

        tally.Dispose();
        Assert.Equal([1, 2], _told);

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal([1, 2], _told);
    }

    [Fact]
    public void Dispose_NothingWasCounted_TellsNothing()
    {
        new Tally(_time, _told.Add).Dispose();

        Assert.Empty(_told);
    }

    [Fact]
    public void Dispose_OfTheOneTimer_LeavesNone()
    {
        var time = new CountedTimers();
        var tally = new Tally(time, _told.Add);
        Add(tally, 2);
        time.Advance(TimeSpan.FromSeconds(1));
        time.Advance(TimeSpan.FromSeconds(1));
        Add(tally, 2);
        Assert.Equal([1, 1, 1], _told);
        Assert.Equal((1, 1), (time.Made, time.Alive));

        tally.Dispose();

        Assert.Equal((1, 0), (time.Made, time.Alive));
    }

    private static void Add(Tally tally, int times)
    {
        for (var i = 0; i < times; i++)
        {
            tally.Add();
        }
    }

    private sealed class CountedTimers : FakeTimeProvider
    {
        public int Made { get; private set; }

        public int Alive { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (Made, Alive) = (Made + 1, Alive + 1);
            return new Counted(base.CreateTimer(callback, state, dueTime, period), () => Alive--);
        }

        private sealed class Counted(ITimer inner, Action ended) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => inner.Change(dueTime, period);

            public void Dispose()
            {
                inner.Dispose();
                ended();
            }

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
