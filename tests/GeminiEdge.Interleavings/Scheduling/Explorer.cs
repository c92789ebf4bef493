namespace GeminiEdge.Interleavings.Scheduling;

/// <summary>Plays a scenario in many orders.</summary>
internal static class Explorer
{
    private const string Setting = "GEMINI_EDGE_SCHEDULES";

    // Of how many the second playing has to be the same as the first.
    private const int PlayedTwice = 5;
    private const int ShownSteps = 60;

    // Begin and end, the end not included.
    private static readonly int[] Seeds = [.. (Environment.GetEnvironmentVariable(Setting) ?? "0..200").Split("..").Select(int.Parse)];

    /// <summary>Plays each seed.</summary>
    /// <param name="scenario">Adds its operations to the schedule, and says what must be true in the end.</param>
    public static void Explore(Func<Schedule, Action> scenario)
    {
        var test = TestContext.Current.TestMethod!;
        var prints = new HashSet<ulong>();
        for (var seed = Seeds[0]; seed < Seeds[^1]; seed++)
        {
            var schedule = Play(scenario, seed);
            prints.Add(schedule.Print);
            if (schedule.Violation is { } violation)
            {
                var trace = new List<string>();
                Play(scenario, seed, trace);
                Assert.Fail($"""
                    Seed {seed}, the {seed - Seeds[0] + 1}. schedule: {violation}
                    {string.Join('\n', trace.TakeLast(ShownSteps))}
                    Once more: {Setting}={seed}..{seed + 1} dotnet test --project tests/GeminiEdge.Interleavings --filter-method {test.TestClass.TestClassName}.{test.MethodName}
                    """);
            }

            if (seed - Seeds[0] < PlayedTwice)
            {
                Assert.Equal(schedule.Print, Play(scenario, seed).Print);
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{Seeds[^1] - Seeds[0]} schedules, {prints.Count} different ones");
    }

    /// <summary>The first seed that ends in a violation.</summary>
    public static (int Seed, string Violation)? FirstViolation(Func<Schedule, Action> scenario, int seeds)
    {
        for (var seed = 0; seed < seeds; seed++)
        {
            if (Play(scenario, seed).Violation is { } violation)
            {
                return (seed, violation);
            }
        }

        return null;
    }

    private static Schedule Play(Func<Schedule, Action> scenario, int seed, List<string>? trace = null)
    {
        var schedule = new Schedule(seed, trace);
        schedule.Play(scenario(schedule));
        return schedule;
    }
}
