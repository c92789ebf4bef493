namespace GeminiEdge.Interleavings.Scheduling;

/// <summary>What woven code calls. Outside a schedule it does what it always did.</summary>
public static class Points
{
    [ThreadStatic]
    private static Operation? Own;

    /// <summary>The operation of the schedule that this thread runs.</summary>
    internal static Operation? Current
    {
        get => Own;
        set => Own = value;
    }

    /// <summary>Another operation may go on here.</summary>
    /// <param name="where">What comes next.</param>
    public static void At(string where) => Own?.Schedule.Pause(where);

    public static Lock.Scope Enter(Lock gate)
    {
        Own?.Schedule.Acquire(gate);
        return gate.EnterScope();
    }

    public static void Exit(ref Lock.Scope scope)
    {
        scope.Dispose();
        Own?.Schedule.Release();
    }

    public static void Enter(object gate, ref bool taken)
    {
        Own?.Schedule.Acquire(gate);
        Monitor.Enter(gate, ref taken);
    }

    public static void Exit(object gate)
    {
        Monitor.Exit(gate);
        Own?.Schedule.Release();
    }

    public static Task Run(Action work) => Run(() =>
    {
        work();
        return Task.CompletedTask;
    });

    public static Task<T> Run<T>(Func<T> work) => Run(() => Task.FromResult(work()));

    public static Task Run(Func<Task> work) => Run(async () =>
    {
        await work();
        return true;
    });

    public static Task<T> Run<T>(Func<Task<T>> work) => Own is { } current ? current.Schedule.Run(work) : Task.Run(work);

    /// <summary>What waits for it goes on by itself, and not on the pool.</summary>
    public static TaskCompletionSource NewSource(TaskCreationOptions options) => new(options & ~TaskCreationOptions.RunContinuationsAsynchronously);

    public static void SetResult(TaskCompletionSource source)
    {
        At("tells");
        Elsewhere(source.SetResult);
    }

    public static bool TrySetResult(TaskCompletionSource source)
    {
        At("tells");
        var isFirst = false;
        Elsewhere(() => isFirst = source.TrySetResult());
        return isFirst;
    }

    /// <summary>No point: whoever takes back what is called here waits, unseen, until it has been called.</summary>
    public static void Cancel(CancellationTokenSource source) => Elsewhere(source.Cancel);

    /// <summary>Completes something in such a way that what waits for it becomes an operation of its own.</summary>
    internal static void Elsewhere(Action complete)
    {
        // Continuations run at once only where their context is the present one.
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            complete();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    /// <summary>Whoever goes on elsewhere would go on where nobody schedules.</summary>
    public static System.Runtime.CompilerServices.ConfiguredTaskAwaitable ConfigureAwait(Task task, ConfigureAwaitOptions options) =>
        task.ConfigureAwait(Own is null ? options : options | ConfigureAwaitOptions.ContinueOnCapturedContext);
}
