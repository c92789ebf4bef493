namespace GeminiEdge.Interleavings.Scheduling;

/// <summary>What one thread would do by itself: begun by a test, or what comes after a wait.</summary>
/// <param name="number">How many were made before it.</param>
/// <param name="priority">Those with a higher one go first, where the schedule goes by it.</param>
internal sealed class Operation(Schedule schedule, int number, string name, Action work, double priority)
{
    private readonly Turn _turn = new();
    private bool _hasBegun;

    public Schedule Schedule => schedule;

    public int Number => number;

    public string Name => name;

    public double Priority { get; set; } = priority;

    /// <summary>The locks it holds, the last one on top.</summary>
    public Stack<object> Holds { get; } = new();

    /// <summary>The lock it waits for.</summary>
    public object? WaitsFor { get; set; }

    /// <summary>From now on it is this one's turn.</summary>
    public void Go()
    {
        if (_hasBegun)
        {
            _turn.Give();
        }
        else
        {
            _hasBegun = true;
            Worker.Run(this);
        }
    }

    /// <summary>Waits for its turn.</summary>
    public void Wait() => _turn.Take();

    /// <summary>On a thread that is its own until it ends.</summary>
    public void Work()
    {
        Points.Current = this;
        SynchronizationContext.SetSynchronizationContext(schedule);
        Exception? fault = null;
        try
        {
            work();
        }
#pragma warning disable CA1031 // Whatever goes wrong is what is looked for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            fault = e;
        }

        SynchronizationContext.SetSynchronizationContext(null);
        schedule.End(this, fault);
        Points.Current = null;
    }
}
