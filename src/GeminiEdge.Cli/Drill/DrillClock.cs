using System.Globalization;

namespace GeminiEdge.Cli.Drill;

/// <summary>Tells what a drill does, and how many seconds after its beginning.</summary>
internal sealed class DrillClock(Terminal terminal, TimeProvider time)
{
    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(10);

    private readonly long _began = time.GetTimestamp();

    public void Say(string line) => terminal.Say(string.Create(CultureInfo.InvariantCulture, $"{Seconds,6:0.0} s  {line}"));

    /// <summary>Shows the load's counts while it runs: at the bottom of a terminal as they change, elsewhere now and then.</summary>
    public IDisposable Count(Tally tally) => terminal.Moment is null
        ? time.CreateTimer(_ => Say(tally.Sentence), null, Seldom, Seldom)
        : Show(() => tally.Sentence, Often);

    /// <summary>The same of something that takes its time.</summary>
    public IDisposable Show(string text) => Show(() => text, Often);

    private IDisposable Show(Func<string> text, TimeSpan period) =>
        terminal.Show(() => string.Create(CultureInfo.InvariantCulture, $"{Seconds,4:0} s  {text()}"), period);

    private double Seconds => time.GetElapsedTime(_began).TotalSeconds;
}
