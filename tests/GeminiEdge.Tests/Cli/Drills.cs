namespace GeminiEdge.Tests.Cli;

/// <summary>The whole drill, told once to its end for all who look at it.</summary>
public sealed class Drills : IAsyncLifetime
{
    internal StartedDrill Whole { get; } = new();

    public async ValueTask InitializeAsync() => await Whole.ToItsEndAsync();

    public ValueTask DisposeAsync()
    {
        Whole.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Each drill of a rotation or a leak in trouble, told once: a watch mostly waits, so that other tests run beside them.</summary>
public sealed class TroubleDrills : IAsyncLifetime
{
    internal StartedDrill BadKey { get; } = new("--bad-key");

    internal StartedDrill Outage { get; } = new("--outage");

    internal StartedDrill Leak { get; } = new("--leak");

    public async ValueTask InitializeAsync()
    {
        // Ten edges that start at once take the machine for themselves.
        await Leak.ToItsEndAsync();
        await Task.WhenAll(BadKey.ToItsEndAsync(), Outage.ToItsEndAsync());
    }

    public ValueTask DisposeAsync()
    {
        foreach (var drill in new[] { BadKey, Outage, Leak })
        {
            drill.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Measures times under load: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(DrillTests), DisableParallelization = true)]
public sealed class RunsAlone : ICollectionFixture<Drills>;
