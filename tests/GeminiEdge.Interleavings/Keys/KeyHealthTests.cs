using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Interleavings.Scheduling;

namespace GeminiEdge.Interleavings.Keys;

/// <summary>What attempts that overlap teach of a key: whatever the order, nothing of it gets lost, and nothing counts twice.</summary>
public class KeyHealthTests
{
    // All were in flight when the key died: it is dead, and it died once.
    [Fact]
    public void Herd_OfWhomSomeAreRefused_TheKeyIsRejectedOnce() => Explorer.Explore(schedule =>
    {
        var health = new KeyHealth(schedule.Time);
        Verdict[] verdicts = [Verdict.KeyInvalid, Verdict.KeyInvalid, Verdict.Ok, Verdict.Overloaded];
        var changes = new List<KeyStateChange>();
        foreach (var verdict in verdicts)
        {
            var pass = health.TryBegin(SomeKeys.Chat)!.Value;
            schedule.Begin(verdict.ToString(), () =>
            {
                if (health.Report(pass, verdict, SomeKeys.FailureOf(verdict)) is { } change)
                {
                    changes.Add(change);
                }

                if (verdict == Verdict.KeyInvalid)
                {
                    Assert.Null(health.TryBegin(SomeKeys.Chat));
                    Assert.False(health.IsUp);
                }
            });
        }

        return () =>
        {
            Assert.Equal((KeyState.Rejected, TimeSpan.FromMinutes(1)), (health.State, health.Rest(SomeKeys.Chat)));
            Assert.Single(changes, change => change.To == KeyState.Rejected);
            Assert.False(health.IsUntroubled);
            Assert.False(health.IsAvailable(SomeKeys.Chat));
        };
    });

    [Fact]
    public void Proof_AmongLateRefusals_Stays() => Explorer.Explore(schedule =>
    {
        var health = new KeyHealth(schedule.Time);
        var (first, late, other) = (Begin(health), Begin(health), Begin(health));
        health.Report(first, Verdict.KeyInvalid, SomeKeys.Invalid);
        schedule.Time.Advance(TimeSpan.FromMinutes(1));
        var trial = Begin(health);
        var isProved = false;
        schedule.Begin("proof", () =>
        {
            health.Report(trial, Verdict.Ok);
            isProved = true;
        });
        schedule.Begin("late", () => health.Report(late, Verdict.KeyInvalid, SomeKeys.Invalid));
        schedule.Begin("late", () => health.Report(other, Verdict.KeyInvalid, SomeKeys.Invalid));
        schedule.Begin("caller", () =>
        {
            var wasProved = isProved;
            var pass = health.TryBegin(SomeKeys.Chat);

            // Whoever comes after the proof is let in, and nobody beside the one who tries.
            Assert.True(pass is not null || !wasProved);
            Assert.False(pass is { ThroughGate: true });
        });
        return () => Assert.Equal((KeyState.Healthy, true, true), (health.State, health.IsUntroubled, health.IsUp));
    });

    [Fact]
    public void Leak_WhateverElseIsSaid_IsForEver() => Explorer.Explore(schedule =>
    {
        var health = new KeyHealth(schedule.Time);
        var (leak, ok, refused) = (Begin(health), Begin(health), Begin(health));
        var isLeaked = false;
        schedule.Begin("leak", () =>
        {
            health.Report(leak, Verdict.KeyLeaked, SomeKeys.Leaked);
            isLeaked = true;
            Assert.Null(health.TryBeginLastResort(SomeKeys.Chat));
        });
        schedule.Begin("ok", () => health.Report(ok, Verdict.Ok));
        schedule.Begin("refused", () => health.Report(refused, Verdict.KeyInvalid, SomeKeys.Invalid));
        schedule.Begin("trial", () =>
        {
            schedule.Time.Advance(TimeSpan.FromMinutes(2));
            var wasLeaked = isLeaked;
            if (health.TryBegin(SomeKeys.Chat) is { } pass)
            {
                Assert.False(wasLeaked);
                health.Report(pass, Verdict.Ok);
            }
        });
        return () =>
        {
            Assert.Equal((KeyState.Rejected, true, false), (health.State, health.IsLeaked, health.IsUp));
            schedule.Time.Advance(TimeSpan.FromDays(1000));
            Assert.Null(health.TryBegin(SomeKeys.Chat));
        };
    });

    // A rejection of one kind of call, and one of a model's quota, don't touch each other.
    [Fact]
    public void TroublesOfTwoKinds_BothStay() => Explorer.Explore(schedule =>
    {
        var health = new KeyHealth(schedule.Time);
        var embed = new CallScope(CallKind.Embed, "another-model");
        var (quota, blocked) = (Begin(health), health.TryBegin(embed)!.Value);
        schedule.Begin("quota", () => health.Report(quota, Verdict.QuotaMinute));
        schedule.Begin("blocked", () => health.Report(blocked, Verdict.KeyBlocked));
        schedule.Begin("reader", () =>
        {
            // What an operator sees is one moment: never a trouble of which the list knows nothing.
            var troubles = health.Troubles;
            Assert.InRange(health.Troubles.Length, troubles.Length, 2);
        });
        return () =>
        {
            Assert.Equal(2, health.Troubles.Length);
            Assert.Equal((Verdict.QuotaMinute, Verdict.KeyBlocked), (health.Cause(SomeKeys.Chat), health.Cause(embed)));
            Assert.True(health.IsAvailable(new CallScope(CallKind.Generate, "another-model")));
        };
    });

    private static KeyPass Begin(KeyHealth health) => health.TryBegin(SomeKeys.Chat)!.Value;
}
