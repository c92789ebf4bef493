using System.Collections.Immutable;
using System.Globalization;

namespace GeminiEdge.Cli.Leak;

/// <summary>The first sixty minutes, visible: each stage says when it began and by when it is to be over.</summary>
internal sealed class LeakClock(Terminal terminal, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();
    private readonly ImmutableArray<LeakStage>.Builder _stages = ImmutableArray.CreateBuilder<LeakStage>();

    public TimeSpan Elapsed => time.GetElapsedTime(_began);

    /// <summary>What was done, and when it ended.</summary>
    public ImmutableArray<LeakStage> Stages => _stages.ToImmutable();

    public void Begin(int minute, string what) => terminal.Say($"[{Text(Elapsed)}] by minute {minute}: {what}");

    public void Say(string line) => terminal.Say($"[{Text(Elapsed)}]   {line}");

    /// <summary>A stage is over; late is said, and no reason to stop.</summary>
    public void End(int minute, string name, string result)
    {
        _stages.Add(new LeakStage(minute, name, Elapsed, result));
        Say($"{result}{(Elapsed > TimeSpan.FromMinutes(minute) ? $" (after minute {minute})" : "")}");
    }

    private static string Text(TimeSpan elapsed) => string.Create(CultureInfo.InvariantCulture, $"{(int)elapsed.TotalMinutes:00}:{elapsed.Seconds:00}");
}

/// <summary>A stage of the sixty minutes.</summary>
/// <param name="Minute">By when it is to be over.</param>
/// <param name="Name">In JSON.</param>
/// <param name="Ended">After the command began.</param>
/// <param name="Result">What came of it, in words.</param>
internal sealed record LeakStage(int Minute, string Name, TimeSpan Ended, string Result);
