using GeminiEdge.Failover.Overload;
using GeminiEdge.Interleavings.Scheduling;

namespace GeminiEdge.Interleavings.Overload;

/// <summary>The budget for extra attempts: every one is paid for, and what was saved is there.</summary>
public class BudgetTests
{
    private const int Percent = 50;

    [Fact]
    public void Takers_GetWhatThereIsAndNoMore() => Explorer.Explore(schedule =>
    {
        const int Left = 2;
        var budget = new ExtraAttempts(Percent, schedule.Time);
        Drain(budget, ExtraAttempts.Least - Left);
        var (taken, given, requests) = (0, 0, 0);
        for (var taker = 0; taker < 3; taker++)
        {
            var givesBack = taker == 0;
            schedule.Begin("taker", () =>
            {
                if (!budget.TryTake())
                {
                    return;
                }

                taken++;
                Assert.True(taken - given <= Left + (requests * Percent / 100), "More are taken than there are.");
                if (givesBack)
                {
                    given++;
                    budget.GiveBack();
                }
            });
        }

        for (var caller = 0; caller < 2; caller++)
        {
            schedule.Begin("request", () =>
            {
                requests++;
                budget.RequestBegins();
            });
        }

        return () =>
        {
            // Two requests bring a whole one together.
            Assert.Equal((2, Left + 1), (requests, taken - given + Drain(budget)));
        };
    });

    [Fact]
    public void FullBucket_NeverHoldsMore() => Explorer.Explore(schedule =>
    {
        var budget = new ExtraAttempts(Percent, schedule.Time);
        schedule.Begin("hedge", () =>
        {
            Assert.True(budget.TryTake());
            budget.GiveBack();
        });
        for (var caller = 0; caller < 3; caller++)
        {
            schedule.Begin("request", budget.RequestBegins);
        }

        return () => Assert.Equal(ExtraAttempts.Least, Drain(budget));
    });

    [Fact]
    public void NoBudget_NobodyTakes() => Explorer.Explore(schedule =>
    {
        var budget = new ExtraAttempts(0, schedule.Time);
        schedule.Begin("request", budget.RequestBegins);
        schedule.Begin("taker", () => Assert.False(budget.TryTake()));
        schedule.Begin("time", () => schedule.Time.Advance(TimeSpan.FromMinutes(1)));
        return () => Assert.Equal(0, Drain(budget));
    });

    // A minute passes while requests begin: the bucket holds at least what the least is, and at most what the window's requests bring.
    [Fact]
    public void MinutePasses_RequestsStillCount() => Explorer.Explore(schedule =>
    {
        const int Before = 210;
        var budget = new ExtraAttempts(Percent, schedule.Time);
        for (var request = 0; request < Before; request++)
        {
            budget.RequestBegins();
        }

        schedule.Begin("time", () => schedule.Time.Advance(TimeSpan.FromMinutes(schedule.Draw(6))));
        for (var caller = 0; caller < 2; caller++)
        {
            schedule.Begin("request", budget.RequestBegins);
        }

        return () =>
        {
            var held = Drain(budget);
            Assert.True(held is ExtraAttempts.Least or (Before + 2) / 2, $"It holds {held}.");
        };
    });

    private static int Drain(ExtraAttempts budget, int most = int.MaxValue)
    {
        var taken = 0;
        while (taken < most && budget.TryTake())
        {
            taken++;
        }

        return taken;
    }
}
