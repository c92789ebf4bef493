namespace GeminiEdge.Tests.Cli;

/// <summary>Each drill, told once to its end for all who look at it.</summary>
public sealed class Drills : IAsyncLifetime
{
    internal StartedDrill Whole { get; } = new();

    internal StartedDrill BadKey { get; } = new("--bad-key");

    internal StartedDrill Outage { get; } = new("--outage");

    internal StartedDrill Leak { get; } = new("--leak");

    public async ValueTask InitializeAsync()
    {
        // The whole one is held to times and takes the whole machine, and so do ten edges that start at once; a watch mostly waits.
        await Whole.ToItsEndAsync();
        await Task.WhenAll(BadKey.ToItsEndAsync(), Outage.ToItsEndAsync());
        await Leak.ToItsEndAsync();
    }

    public ValueTask DisposeAsync()
    {
        foreach (var drill in new[] { Whole, BadKey, Outage, Leak })
        {
            drill.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Measures times under load: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(DrillTests), DisableParallelization = true)]
public sealed class RunsAlone : ICollectionFixture<Drills>;
