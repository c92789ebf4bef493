using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Interleavings.Scheduling;

namespace GeminiEdge.Interleavings.Keys;

/// <summary>The gate of a key that may be good again: one goes through at a time, and nobody waits for ever.</summary>
public class GateTests
{
    private static readonly Verdict[] Ends = [Verdict.Ok, Verdict.KeyInvalid, Verdict.ClientGone, Verdict.CallerError];

    [Fact]
    public void Tries_ThatEnd_AreOneAtATime() => Explorer.Explore(schedule =>
    {
        var health = Rejected(schedule);
        var inside = 0;
        for (var caller = 0; caller < 3; caller++)
        {
            var verdict = Ends[schedule.Draw(Ends.Length)];
            schedule.Begin($"{verdict}", () =>
            {
                if (health.TryBegin(SomeKeys.Chat) is not { } pass)
                {
                    return;
                }

                Assert.False(pass.ThroughGate && ++inside > 1, "Two are in the gate.");
                Points.At("tries");
                inside -= pass.ThroughGate ? 1 : 0;
                health.Report(pass, verdict, SomeKeys.FailureOf(verdict));
            });
        }

        return () => Assert.Equal(0, inside);
    });

    // A try that hears nothing keeps the others out for ten seconds. When it ends after all, its successor stays in.
    [Fact]
    public void Tries_ThatTakeTooLong_AreReplacedByOne() => Explorer.Explore(schedule =>
    {
        var health = Rejected(schedule);
        var inside = new List<long>();
        for (var caller = 0; caller < 4; caller++)
        {
            schedule.Begin("caller", () =>
            {
                var asked = schedule.Time.GetTimestamp();
                if (health.TryBeginLastResort(SomeKeys.Chat) is not { } pass)
                {
                    return;
                }

                Assert.All(inside, before => Assert.True(schedule.Time.GetTimestamp() - before >= Gate.LongestHold.Ticks, "Two are in the gate."));
                inside.Add(asked);
                for (var step = 0; step < 4; step++)
                {
                    Points.At("tries");
                }

                inside.Remove(asked);
                health.Leave(pass);
            });
        }

        schedule.Begin("time", () =>
        {
            Points.At("passes");
            schedule.Time.Advance(Gate.LongestHold);
        });
        return () => Assert.Equal(TimeSpan.Zero, health.Watch(SomeKeys.Chat).HeldFor);
    });

    // While one tries what a model's quota is worth, a late refusal says that the key is dead: the try has ended all the same.
    [Fact]
    public void Try_OvertakenByOtherNews_FreesTheGate() => Explorer.Explore(schedule =>
    {
        var health = new KeyHealth(schedule.Time);
        var (quota, late) = (health.TryBegin(SomeKeys.Chat)!.Value, health.TryBegin(SomeKeys.Chat)!.Value);
        health.Report(quota, Verdict.QuotaMinute);
        var pass = health.TryBeginLastResort(SomeKeys.Chat)!.Value;
        var verdict = Ends[schedule.Draw(Ends.Length)];
        schedule.Begin("late", () => health.Report(late, Verdict.KeyInvalid, SomeKeys.Invalid));
        schedule.Begin($"{verdict}", () => health.Report(pass, verdict, SomeKeys.FailureOf(verdict)));
        return () => Assert.Equal(TimeSpan.Zero, health.Watch(SomeKeys.Chat).HeldFor);
    });

    // Who waits looks again when there is news, or when the gate opens by itself, and never has to wait until a try is given up.
    [Fact]
    public void Waiters_AreAllTold() => Explorer.Explore(schedule =>
    {
        var health = Rejected(schedule);
        var served = 0;
        for (var caller = 0; caller < 3; caller++)
        {
            var verdict = Ends[schedule.Draw(Ends.Length)];
            schedule.Begin($"{verdict}", async () =>
            {
                KeyPass? pass;
                while ((pass = health.TryBeginAfterWait(SomeKeys.Chat)) is null)
                {
                    var (news, heldFor) = health.Watch(SomeKeys.Chat);
                    if (!health.IsOpenAfterWait(SomeKeys.Chat, asLastResort: false))
                    {
                        await (heldFor > TimeSpan.Zero ? news : Task.WhenAny(news, Task.Delay(health.NextTurn(SomeKeys.Chat) ?? TimeSpan.Zero, schedule.Time)));
                    }
                }

                await Task.Yield();
                health.Report(pass.Value, verdict, SomeKeys.FailureOf(verdict));
                served++;
            });
        }

        return () => Assert.Equal(3, served);
    });

    // Its minute is over: the next one may try it.
    private static KeyHealth Rejected(Schedule schedule)
    {
        var health = new KeyHealth(schedule.Time);
        health.Report(health.TryBegin(SomeKeys.Chat)!.Value, Verdict.KeyInvalid, SomeKeys.Invalid);
        schedule.Time.Advance(TimeSpan.FromMinutes(1));
        return health;
    }
}
