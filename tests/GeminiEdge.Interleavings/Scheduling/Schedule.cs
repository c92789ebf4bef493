namespace GeminiEdge.Interleavings.Scheduling;

/// <summary>
/// One order in which some operations do their steps. Each has a thread of its own, and one of them runs at a time; at every point
/// the seed says which. So the order is the seed's, and the same seed is the same order.
/// </summary>
internal sealed class Schedule : SynchronizationContext
{
    /// <summary>None of ours takes a tenth of it: whoever does goes in circles.</summary>
    private const int MostSteps = 20_000;

    // Something waits for what the scheduler does not know. Long enough for a machine that is busy.
    private static readonly TimeSpan Stuck = TimeSpan.FromMinutes(1);

    private readonly Order _order;
    private readonly List<string>? _trace;
    private readonly List<Operation> _ready = [];
    private readonly List<Operation> _blocked = [];
    private readonly Dictionary<object, (Operation Owner, int Count)> _locks = new(ReferenceEqualityComparer.Instance);
    private readonly List<(string Name, Task Task)> _begun = [];
    private readonly Turn _over = new();
    private volatile bool _isOver;
    private int _made;
    private int _steps;

    /// <param name="seed">The order.</param>
    /// <param name="trace">Gets a line for each switch.</param>
    public Schedule(int seed, List<string>? trace = null)
    {
        (_order, _trace) = (new Order(seed), trace);
        Time = new ScheduledTime(this);
    }

    /// <summary>The clock: it stands still until an operation moves it, or until nothing else can happen.</summary>
    public ScheduledTime Time { get; }

    /// <summary>What was wrong.</summary>
    public string? Violation { get; private set; }

    /// <summary>Which order it was: different orders have different ones, as good as always.</summary>
    public ulong Print { get; private set; } = 14695981039346656037;

    public int Draw(int below) => _order.Draw(below);

    /// <summary>Adds what one thread does.</summary>
    public void Begin(string name, Action work) => Begin(name, () =>
    {
        work();
        return Task.CompletedTask;
    });

    /// <summary>Adds what one caller does, its waits included.</summary>
    public void Begin(string name, Func<Task> work)
    {
        var end = new TaskCompletionSource();
        _begun.Add((name, end.Task));
        Add(name, () => work().ContinueWith(static (task, end) => ((TaskCompletionSource)end!).SetFromTask(task), end, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
    }

    /// <summary>Plays it to its end.</summary>
    /// <param name="check">Looks at what came of it.</param>
    public void Play(Action check)
    {
        _order.Next(_ready).Go();
        if (!_over.Take(Stuck))
        {
            Violation = "A thread waits for something that the scheduler does not know.";
        }

        if (Violation is not null)
        {
            return;
        }

        try
        {
            foreach (var (_, task) in _begun)
            {
                task.GetAwaiter().GetResult();
            }

            check();
        }
#pragma warning disable CA1031 // Whatever goes wrong is what is looked for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Violation = e.ToString();
        }
    }

    /// <summary>What continues after a wait is an operation of its own.</summary>
    public override void Post(SendOrPostCallback d, object? state) => Add("goes on", () => d(state));

    public override SynchronizationContext CreateCopy() => this;

    internal Task<T> Run<T>(Func<Task<T>> work)
    {
        var end = new TaskCompletionSource<T>();
        Add("task", () => work().ContinueWith(static (task, end) => ((TaskCompletionSource<T>)end!).SetFromTask(task), end, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default));
        return end.Task;
    }

    internal void Add(string name, Action work)
    {
        if (Points.Current is null && _steps > 0 && !_isOver)
        {
            // Somebody went on where nobody schedules: such an order can't be played again.
            Violation ??= $"'{name}' came from a thread that is not of the schedule: {Environment.StackTrace}";
        }

        _ready.Add(new Operation(this, _made, $"{name} #{_made}", work, _order.Priority()));
        _made++;
    }

    internal void Pause(string where)
    {
        var present = Points.Current!;
        if (++_steps > MostSteps)
        {
            Fail("It never ends.");
            present.Wait();
        }

        Print = (Print ^ (ulong)present.Number) * 1099511628211;
        _trace?.Add($"{present.Name}: {where}");
        GiveTo(_order.Next(present, _ready, _steps), present);
    }

    internal void Acquire<T>(T gate)
        where T : class
    {
        Pause("locks");
        var present = Points.Current!;
        while (IsOthers(gate, present))
        {
            present.WaitsFor = gate;
            _ready.Remove(present);
            _blocked.Add(present);
            if (_ready.Count == 0)
            {
                Fail("Deadlock: " + string.Join(", ", _blocked.Select(blocked => $"'{blocked.Name}' waits for a lock of '{(_locks.TryGetValue(blocked.WaitsFor!, out var by) ? by.Owner.Name : "nobody")}'")));
                present.Wait();
            }

            GiveTo(_order.Next(_ready), present);
        }

        _locks[gate] = (present, (_locks.TryGetValue(gate, out var held) ? held.Count : 0) + 1);
        present.Holds.Push(gate);
    }

    internal void Release()
    {
        var gate = Points.Current!.Holds.Pop();
        var (owner, count) = _locks[gate];
        if (count > 1)
        {
            _locks[gate] = (owner, count - 1);
            return;
        }

        _locks.Remove(gate);
        foreach (var waiting in _blocked.FindAll(blocked => blocked.WaitsFor == gate))
        {
            waiting.WaitsFor = null;
            _blocked.Remove(waiting);
            _ready.Add(waiting);
        }
    }

    /// <summary>The operation has nothing more to do.</summary>
    internal void End(Operation operation, Exception? fault)
    {
        _ready.Remove(operation);
        if (fault is not null || operation.Holds.Count > 0)
        {
            Fail(fault?.ToString() ?? $"'{operation.Name}' keeps a lock.");
            return;
        }

        var waiting = _begun.FindAll(begun => !begun.Task.IsCompleted);
        if (_ready.Count == 0 && (waiting.Count == 0 || !Time.GoToNext()))
        {
            Fail(waiting.Count > 0 ? $"Nothing happens any more, and they wait: {string.Join(", ", waiting.Select(begun => begun.Name))}."
                : _blocked.Count > 0 ? "Somebody waits for a lock for ever." : null);
            return;
        }

        _order.Next(_ready).Go();
    }

    private bool IsOthers(object gate, Operation present) => _locks.TryGetValue(gate, out var held) && held.Owner != present;

    private static void GiveTo(Operation next, Operation present)
    {
        if (next != present)
        {
            next.Go();
            present.Wait();
        }
    }

    // Whoever has not ended stays where it is: nothing after a violation counts.
    private void Fail(string? violation)
    {
        Violation ??= violation;
        _isOver = true;
        _over.Give();
    }
}
