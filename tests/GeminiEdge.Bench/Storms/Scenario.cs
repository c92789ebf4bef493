namespace GeminiEdge.Bench.Storms;

/// <summary>What the upstream does to one call.</summary>
internal readonly record struct Reply(bool Overloaded, TimeSpan Delay);

/// <summary>A calm time, and what comes after it.</summary>
/// <param name="Name">The name that the table's program knows it by.</param>
/// <param name="Hedge">The edge's setting.</param>
/// <param name="Calm">How long all is well at first.</param>
/// <param name="Storm">How long it isn't.</param>
/// <param name="After">How long requests go on after that.</param>
/// <param name="Usual">What an answer takes.</param>
/// <param name="Of">What the upstream does in the storm, by a number that is random for each call.</param>
internal sealed record Scenario(string Name, string Hedge, TimeSpan Calm, TimeSpan Storm, TimeSpan After, TimeSpan Usual, Func<double, Reply> Of)
{
    public const int PerSecond = 50;

    private static readonly TimeSpan Quick = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Whole = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(3);

    public static IReadOnlyList<Scenario> All(TimeSpan calm, TimeSpan length)
    {
        Reply SlowTail(double number) => new(false, number < 0.03 ? Slow : Whole);
        return
        [
            new("two seconds", "Off", calm, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), Quick, _ => new(true, Quick)),
            new("a third", "Off", calm, length, TimeSpan.FromSeconds(1), Quick, number => new(number < 1 / 3.0, Quick)),
            new("nothing else", "Off", calm, length, TimeSpan.FromSeconds(1), Quick, _ => new(true, Quick)),
            new("slow tail", "Off", calm, 2 * length, TimeSpan.Zero, Whole, SlowTail),
            new("slow tail, hedged", "On", calm, 2 * length, TimeSpan.Zero, Whole, SlowTail),
            new("slow altogether, hedged", "On", calm, length, TimeSpan.Zero, Whole, _ => new(false, Slow)),
        ];
    }
}
