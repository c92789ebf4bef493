using GeminiEdge.Failover.Overload;

namespace GeminiEdge.Interleavings.Scheduling;

/// <summary>The scheduler finds what there is to find, and says where.</summary>
public class SchedulerTests
{
    private const int Seeds = 200;

    [Fact]
    public void LostUpdate_IsFound() => Assert.Contains("Assert.Equal", Found(schedule =>
    {
        var count = 0;
        for (var writer = 0; writer < 2; writer++)
        {
            schedule.Begin("writer", () =>
            {
                Points.At("read");
                var read = count;
                Points.At("write");
                count = read + 1;
            });
        }

        return () => Assert.Equal(2, count);
    }), StringComparison.Ordinal);

    [Fact]
    public void LocksInTwoOrders_AreADeadlock() => Assert.StartsWith("Deadlock: 'one #0' waits for a lock of 'two #1'", Found(schedule =>
    {
        var (left, right) = (new Lock(), new Lock());
        schedule.Begin("one", () => Both(left, right));
        schedule.Begin("two", () => Both(right, left));
        return static () => { };
    }).Replace("'two #1' waits for a lock of 'one #0', 'one #0' waits for a lock of 'two #1'", "'one #0' waits for a lock of 'two #1'", StringComparison.Ordinal), StringComparison.Ordinal);

    [Fact]
    public void WaiterWhomNobodyTells_IsNamed() => Assert.Equal("Nothing happens any more, and they wait: waiter.", Found(schedule =>
    {
        var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var isWaiting = false;
        schedule.Begin("waiter", async () =>
        {
            Points.At("waits");
            isWaiting = true;
            await news.Task;
        });
        schedule.Begin("teller", () =>
        {
            Points.At("tells");
            if (isWaiting)
            {
                news.SetResult();
            }
        });
        return static () => { };
    }));

    [Fact]
    public void WhoRunsInCircles_IsStopped() => Assert.Equal("It never ends.", Found(schedule =>
    {
        schedule.Begin("runner", () =>
        {
            while (true)
            {
                Points.At("runs");
            }
        });
        return static () => { };
    }));

    [Fact]
    public void CodeThatIsRight_PassesEverywhere() => Assert.Null(Explorer.FirstViolation(
        schedule =>
        {
            var (gate, count) = (new Lock(), 0);
            schedule.Begin("one", () => Add(gate, ref count));
            schedule.Begin("two", () => Add(gate, ref count));
            return () => Assert.Equal(2, count);
        },
        Seeds));

    // Without the points in it the product would run through undisturbed, and nothing would ever be found.
    [Fact]
    public void Product_IsWoven()
    {
        var trace = new List<string>();
        var schedule = new Schedule(0, trace);
        var budget = new ExtraAttempts(10, schedule.Time);
        schedule.Begin("one", () => budget.TryTake());
        schedule.Play(static () => { });

        Assert.Contains("one #0: ExtraAttempts.TryTake: reads _held", trace);
        Assert.Contains("one #0: ExtraAttempts.TryTake: writes _held", trace);
    }

    private static string Found(Func<Schedule, Action> scenario) => Explorer.FirstViolation(scenario, Seeds)?.Violation ?? "Nothing was found.";

    private static void Both(Lock first, Lock second)
    {
        var outer = Points.Enter(first);
        var inner = Points.Enter(second);
        Points.Exit(ref inner);
        Points.Exit(ref outer);
    }

    private static void Add(Lock gate, ref int count)
    {
        var scope = Points.Enter(gate);
        var read = count;
        Points.At("write");
        count = read + 1;
        Points.Exit(ref scope);
    }
}
