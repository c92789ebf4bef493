using System.Globalization;

namespace GeminiEdge.Cli.Drill;

/// <summary>Tells what a drill does, and how many seconds after its beginning.</summary>
internal sealed class DrillClock(Terminal terminal, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();

    public void Say(string line) => terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(_began).TotalSeconds,6:0.0} s  {line}"));
}
