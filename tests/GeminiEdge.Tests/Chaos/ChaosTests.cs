using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Chaos;

/// <summary>
/// The whole edge under everything at once: connections that are cut at any byte, garbage, silence, storms, keys that die and revive,
/// rotations, rollbacks and leaks by the real code, a vault that is away, clocks that jump, restarts, callers who leave. In every
/// seed and after every step what docs/reliability.md promises holds.
/// </summary>
public class ChaosTests
{
    private const string Setting = "GEMINI_EDGE_CHAOS_SEEDS";

    // Begin and end, the end not included.
    private static readonly int[] Seeds = [.. (Environment.GetEnvironmentVariable(Setting) ?? "0..500").Split("..").Select(int.Parse)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Edge_UnderEverythingAtOnce_KeepsItsPromises(int half)
    {
        var counts = new ChaosCounts();
        for (var seed = Seeds[0] + half; seed < Seeds[^1]; seed += 2)
        {
            var steps = ChaosStep.Of(seed);

            var faults = await PlayAsync(seed, steps, counts);

            Assert.True(faults.Count == 0, $"""
                Seed {seed}: {string.Join('\n', faults)}
                {string.Join(' ', steps)}
                Once more: {Setting}={seed}..{seed + 1} dotnet test --project tests/GeminiEdge.Tests --filter-class {typeof(ChaosTests).FullName}
                """);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(counts.ToString());
        if (Seeds[^1] - Seeds[0] >= 500)
        {
            Assert.All([counts.Answered, counts.Refused, counts.FailedAttempts, counts.Rotations, counts.Cut], count => Assert.InRange(count, 50, int.MaxValue));
            Assert.True(half == 0 ? counts.Extra == 0 : counts.Extra > 0);
        }
    }

    private static async Task<IReadOnlyList<string>> PlayAsync(int seed, ChaosStep[] steps, ChaosCounts counts)
    {
        while (true)
        {
            await using var world = await ChaosWorld.StartAsync(seed);
            try
            {
                var faults = await world.PlayAsync(steps).WaitAsync(Patience.Limit);
                counts.Add(world.Counts);
                return faults;
            }
            catch (TimeoutException)
            {
                return ["Somebody waits, and nothing happens any more."];
            }
            catch (NullReferenceException e) when (e.StackTrace!.TrimStart().StartsWith("at Microsoft.Extensions.Time.Testing.FakeTimeProvider.WakeWaiters", StringComparison.Ordinal))
            {
                // A race of the fake clock's own, and not of what it calls: a timer is disposed of while it fires. It stands still then: the seed begins anew.
            }
        }
    }
}
