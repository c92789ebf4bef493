namespace GeminiEdge.Tests.Functions.Host;

/// <summary>One published app that the tests of a class share: they leave it as they found it.</summary>
public abstract class SharedEdge(HostingModel model) : IAsyncLifetime
{
    internal HostedEdge Edge { get; private set; } = null!;

    public HostingModel Model => model;

    public async ValueTask InitializeAsync() => Edge = await HostedEdge.StartAsync(model);

    public async ValueTask DisposeAsync()
    {
        await Edge.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}

/// <summary>The published executable.</summary>
public sealed class SharedCustomHandler() : SharedEdge(HostingModel.CustomHandler);

/// <summary>The published worker.</summary>
public sealed class SharedIsolatedWorker() : SharedEdge(HostingModel.IsolatedWorker);
