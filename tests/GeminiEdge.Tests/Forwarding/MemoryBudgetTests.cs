using GeminiEdge.Failover.Forwarding;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

public class MemoryBudgetTests
{
    private const int Limit = 8 << 20;
    private const int Body = 2 << 20;

    [Fact]
    public void Return_LargeBuffer_IsKeptForTheNext()
    {
        using var budget = new MemoryBudget(Limit, new FakeTimeProvider());
        var first = budget.TryRent(Body)!;
        budget.Return(first);

        Assert.Same(first, budget.TryRent(Body));
        Assert.Equal(Body, budget.Used);
        Assert.Equal(Body, budget.Held);
    }

    [Fact]
    public void Return_AsManyAsThereIsRoomFor_AllAreKept()
    {
        using var budget = new MemoryBudget(Limit, new FakeTimeProvider());
        ReturnAll(budget, RentAll(budget, Body));

        Assert.Equal(0, budget.Used);
        Assert.Equal(Limit, budget.Held);
    }

    [Fact]
    public void Rent_WhatIsKeptDoesNotFit_GivesWayToIt()
    {
        using var budget = new MemoryBudget(Limit, new FakeTimeProvider());
        ReturnAll(budget, RentAll(budget, Body));

        // None that is kept is large enough.
        var larger = budget.TryRent(3 * Body)!;

        Assert.Equal(3 * Body, budget.Used);
        Assert.InRange(budget.Held, budget.Used, Limit);
        budget.Return(larger);
    }

    [Fact]
    public void Held_BodiesOfEverySizeComeAndGo_NeverMoreThanTheLimit()
    {
        using var budget = new MemoryBudget(Limit, new FakeTimeProvider());
        var random = new Random(7);
        var rented = new List<byte[]>();
        var refused = 0;
        for (var i = 0; i < 5000; i++)
        {
            if (rented.Count > 0 && random.Next(2) == 0)
            {
                var returned = random.Next(rented.Count);
                budget.Return(rented[returned]);
                rented.RemoveAt(returned);
            }
            else if (budget.TryRent(random.Next(1, 3 * Body)) is { } buffer)
            {
                rented.Add(buffer);
            }
            else
            {
                refused++;
            }

            Assert.InRange(budget.Held, rented.Sum(buffer => buffer.LongLength), Limit);
        }

        Assert.InRange(refused, 1, 5000);
        ReturnAll(budget, rented);
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public void Keep_NothingLargeComesForAWhile_GivesItBack()
    {
        var time = new FakeTimeProvider();
        using var budget = new MemoryBudget(Limit, time);
        ReturnAll(budget, RentAll(budget, Body));

        time.Advance(TimeSpan.FromSeconds(30));

        Assert.Equal(0, budget.Held);
    }

    [Fact]
    public void Keep_OneComesNowAndThenAfterABurst_OnlyThatOneStays()
    {
        var time = new FakeTimeProvider();
        using var budget = new MemoryBudget(Limit, time);
        ReturnAll(budget, RentAll(budget, Body));

        for (var i = 0; i < 6; i++)
        {
            time.Advance(TimeSpan.FromSeconds(20));
            budget.Return(budget.TryRent(Body)!);
        }

        Assert.Equal(Body, budget.Held);
    }

    [Fact]
    public void Held_ManyThreadsAtOnce_NothingIsLostOrCountedTwice()
    {
        using var budget = new MemoryBudget(Limit, new FakeTimeProvider());
        Parallel.For(0, 8, number =>
        {
            var random = new Random(number);
            for (var i = 0; i < 2000; i++)
            {
                if (budget.TryRent(random.Next(1, Body)) is { } buffer)
                {
                    budget.Return(buffer);
                }
            }
        });

        Assert.Equal(0, budget.Used);
        Assert.InRange(budget.Held, 0, Limit);
    }

    private static List<byte[]> RentAll(MemoryBudget budget, int size)
    {
        var rented = new List<byte[]>();
        while (budget.TryRent(size) is { } buffer)
        {
            rented.Add(buffer);
        }

        return rented;
    }

    private static void ReturnAll(MemoryBudget budget, List<byte[]> rented) => rented.ForEach(budget.Return);
}
