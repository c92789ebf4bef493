using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(GeminiEdge.Tests.Support.LongestFirst))]

namespace GeminiEdge.Tests.Support;

/// <summary>What takes long, because it waits for processes, builds or locks, begins first; what waits for its results, last.</summary>
internal sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] First =
    [
        "BothAppsTests", "FuncProjectTests", "TroubleDrillTests", "Checkout", "DeployKeysTests", "PracticeTests", "Azurite", "Chromium", "ChaosTests", "DeployTests", "RotationExplorationTests",
    ];

    // They need what is published.
    private static readonly string[] Last =
    [
        "PublishTests", "CustomHandlerContractTests", "CustomHandlerLifeTests", "IsolatedWorkerContractTests", "IsolatedWorkerLifeTests",
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection => [.. testCollections.OrderBy(collection => Place(Name(collection)))];

    private static int Place(string name) =>
        Array.IndexOf(First, name) is >= 0 and var first ? first
        : Array.IndexOf(Last, name) is >= 0 and var last ? First.Length + 1 + last
        : First.Length;

    /// <summary>The collection's own name, or that of its one class, as in <c>Test collection for GeminiEdge.Tests.Cli.DrillTests (id: …)</c>.</summary>
    private static string Name(ITestCollection collection) => collection.TestCollectionDisplayName.Split(" (id:")[0].Split('.')[^1];
}
