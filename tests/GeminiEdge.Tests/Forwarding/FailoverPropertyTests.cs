using CsCheck;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>
/// Whatever the upstream answers to whichever kind of call, in whatever order and at whatever time: 502 if and only if
/// every key has failed and none comes back within patience, no key twice in a round, no available key passed over, no extra
/// attempt beyond the budget, another model only when the one before can't be had, two attempts at once only when the first is
/// slow, a line for each attempt, no piece of a key in anything that leaves the edge, no success changed. And no sequence of
/// calls of one kind makes a call of another kind fail while a key would have answered it.
/// </summary>
public class FailoverPropertyTests
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly Gen<string> AuthKey = Gen.Char[Letters + "-_"].Array[35].Select(rest => "AIzaSy" + new string(rest));
    private static readonly Gen<string> BoundKey = Gen.Char[Letters + "-_"].Array[40, 60].Select(rest => "AQ.Ab8" + new string(rest));

    // A mark in every five characters: then even five of them in a row are nobody else's.
    private static readonly Gen<string> AnyKey = Gen.Select(Gen.Char["~!^|$%@"], Gen.Char[Letters].Array[4])
        .Select((mark, rest) => new string(rest) + mark).Array[4, 20].Select(string.Concat);

    private static readonly Gen<string[]> Keys = Gen.OneOf(AuthKey, BoundKey, AnyKey, AnyKey).Array[1, 5]
        .SelectMany(keys => Gen.Int[0, 8].Select(twice => twice < keys.Length && keys.Length < 5 ? [.. keys, keys[twice]] : keys));

    private static readonly Gen<Step[]> Steps = Gen.Select(
        Gen.Frequency(
            (6, Gen.Const(StepKind.Ask)), (12, Gen.Const(StepKind.Answer)),
            (4, Gen.Const(StepKind.Wait)), (1, Gen.Const(StepKind.Leave))),
        Gen.Int[0, 11],
        Gen.Int[0, 999]).Select((kind, which, what) => new Step(kind, which, what)).Array[1, 80];

    private static readonly Gen<SimulationSetup> Setups = Gen.Select(Gen.Int[0, 7], Gen.Int[0, 1_000_000]).Select((which, seed) =>
        new SimulationSetup(Fallbacks: which % 2 == 0, Hedges: which is 1 or 2, ExtraAttempts: which is 6 or 7 ? 0 : 10, seed));

    [Fact]
    public void Failover_AnyAnswersInAnyOrderAtAnyTime_KeepsItsPromises()
    {
        Play(iterations: 5_000);

        // There was something to hold against the design.
        var (again, hedges, fallbacks, waits) = FailoverSimulation.Seen.All;
        Assert.InRange(Math.Min(Math.Min(again, hedges), Math.Min(fallbacks, waits)), 100, int.MaxValue);
    }
    // In its last moment a key is left that need not be tried: one run of two hundred thousand.
    [Fact]
    public void Failover_TimeIsOverWhenTheLastAnswerComes_KeepsItsPromises() => Play(iterations: 1, "0NirR4OwtZU2");

    private static void Play(int iterations, string? seed = null) => Gen.Select(Keys, Setups, Steps).Sample(
        (keys, setup, steps) =>
        {
            using var simulation = new FailoverSimulation(keys, setup);
            simulation.Play(steps);
        },
        iter: iterations,
        seed: seed,
        print: run => $"{run.Item1.Length} keys; {run.Item2}; {string.Join(" ", run.Item3)}");
}
