namespace GeminiEdge.Tests.Chaos;

internal enum ChaosStepKind
{
    Ask,
    Poison,
    Leave,
    Key,
    Revive,
    Storm,
    Spoil,
    Wait,
    Jump,
    Vault,
    Register,
    Rotate,
    RollBack,
    Leak,
    Purge,
    Restart,
}

/// <summary>One thing that happens; the numbers say to whom, how long or how much.</summary>
internal readonly record struct ChaosStep(ChaosStepKind Kind, int Which, int What)
{
    private static readonly ChaosStepKind[] Kinds =
    [
        .. Enumerable.Repeat(ChaosStepKind.Ask, 14), .. Enumerable.Repeat(ChaosStepKind.Wait, 5), .. Enumerable.Repeat(ChaosStepKind.Key, 4),
        .. Enumerable.Repeat(ChaosStepKind.Poison, 2), .. Enumerable.Repeat(ChaosStepKind.Leave, 2), .. Enumerable.Repeat(ChaosStepKind.Revive, 2),
        .. Enum.GetValues<ChaosStepKind>().Where(kind => kind >= ChaosStepKind.Storm && kind != ChaosStepKind.Wait),
    ];

    /// <summary>What happens under a seed.</summary>
    public static ChaosStep[] Of(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 30).Select(_ => new ChaosStep(random.GetItems(Kinds, 1)[0], random.Next(1000), random.Next(1000)))];
    }

    public override string ToString() => $"{Kind}({Which},{What})";
}
