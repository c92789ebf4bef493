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

    private static void Add(Tally tally, int times)
    {
        for (var i = 0; i < times; i++)
        {
            tally.Add();
        }
    }
}
