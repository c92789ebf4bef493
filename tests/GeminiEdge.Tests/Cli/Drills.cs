namespace GeminiEdge.Tests.Cli;

/// <summary>Each drill, told once to its end for all who look at it.</summary>
public sealed class Drills : IAsyncLifetime
{
    private static readonly string[] SideBySide = ["--bad-key", "--outage", "--leak"];

    private StartedDrill[] _all = [];

    internal StartedDrill Whole => _all[0];

    internal StartedDrill BadKey => _all[1];

    internal StartedDrill Outage => _all[2];

    internal StartedDrill Leak => _all[3];

    public async ValueTask InitializeAsync()
    {
        // The first is held to times and takes the whole machine; the others wait more than they work, so they do it side by side.
        var whole = await StartedDrill.ToItsEndAsync("--json");
        _all = [whole, .. await Task.WhenAll(SideBySide.Select(kind => StartedDrill.ToItsEndAsync(kind, "--json")))];
    }

    public ValueTask DisposeAsync()
    {
        foreach (var drill in _all)
        {
            drill.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}

/// <summary>Measures times under load: nothing else runs meanwhile.</summary>
[CollectionDefinition(nameof(DrillTests), DisableParallelization = true)]
public sealed class RunsAlone : ICollectionFixture<Drills>;
