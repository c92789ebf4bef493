using System.Collections.Concurrent;

namespace GeminiEdge.Interleavings.Scheduling;

/// <summary>A thread that runs operations, one after another: making one anew for each would take longer than what it does.</summary>
internal sealed class Worker
{
    private static readonly ConcurrentStack<Worker> Idle = new();

    private readonly Turn _given = new();
    private Operation? _operation;

    private Worker() => new Thread(Work) { IsBackground = true, Name = "schedule" }.Start();

    public static void Run(Operation operation)
    {
        var worker = Idle.TryPop(out var idle) ? idle : new Worker();
        worker._operation = operation;
        worker._given.Give();
    }

    private void Work()
    {
        while (true)
        {
            _given.Take();
            _operation!.Work();
            Idle.Push(this);
        }
    }
}
