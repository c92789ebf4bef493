using Spectre.Console;
using Spectre.Console.Rendering;

namespace GeminiEdge.Cli;

/// <summary>Standard output for results, standard error for everything else; plain text unless a terminal shows it.</summary>
internal sealed class Terminal(World world)
{
    private const int Gap = 2;

    private readonly IAnsiConsole _output = Create(world, world.Output);
    private readonly IAnsiConsole _error = Create(world, world.Error);

    /// <summary>Where the answers of who runs the command come from.</summary>
    public StandardInput Input => world.Input;

    /// <summary>Somebody sees standard output as it is written.</summary>
    public bool IsLive => !world.Output.IsRedirected;

    /// <summary>Who sees standard output sees standard error too: what was said there need not be printed again.</summary>
    public bool IsOneScreen => !world.Output.IsRedirected && !world.Error.IsRedirected;

    /// <summary>A line on standard error; where it is broken, each part by itself, or <see cref="WorkAsync"/>'s would show through the second.</summary>
    public void Say(string line)
    {
        IRenderable text = new Text(Plain(line));
        foreach (var part in Segment.SplitLines(text.Render(RenderOptions.Create(_error, _error.Profile.Capabilities), _error.Profile.Width)))
        {
            try
            {
                _error.WriteLine(string.Concat(part.Select(segment => segment.Text)).TrimEnd());
            }
            catch (IOException)
            {
                // The terminal is closed. What is still to be done, a file to be removed or a record to be written, goes on.
                return;
            }
        }
    }

    /// <summary>Standard output for what is no text, such as JSON, which is UTF-8 whatever the terminal is.</summary>
    public Stream OpenOutput() => world.Output.Open();

    /// <summary>A line of the result, on standard output.</summary>
    public void Print(string line) => _output.WriteLine(Plain(line));

    /// <summary>A table of the result, on standard output.</summary>
    /// <param name="lesser">The columns that go, in this order, where the terminal is too narrow for all.</param>
    public void Print(string[] columns, IEnumerable<Cell[]> rows, params string[] lesser) => _output.Write(Table(columns, [.. rows], lesser));

    /// <summary>A table and a sentence that are shown anew in their place, until there is no next one or Ctrl-C ends it.</summary>
    public async Task LiveAsync(
        string[] columns, string[] lesser, Func<Task<(Cell[][] Rows, string Sentence)?>> next, (Cell[][] Rows, string Sentence) first, CancellationToken cancellationToken)
    {
        try
        {
            await _output.Live(Shown(first)).StartAsync(async live =>
            {
                while (await next() is { } shown)
                {
                    live.UpdateTarget(Shown(shown));
                }
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how one stops looking.
        }

        IRenderable Shown((Cell[][] Rows, string Sentence) now) => new Rows(Table(columns, now.Rows, lesser), new Text(Plain(now.Sentence)));
    }

    private Table Table(string[] columns, Cell[][] rows, string[] lesser)
    {
        (columns, rows) = Fit(columns, rows, lesser);
        var widths = Widths(columns, rows);

        // What doesn't fit even so is broken in its widest column alone.
        var broken = widths.Sum() > _output.Profile.Width ? Array.IndexOf(widths, widths.Max()) : -1;
        var table = new Table { Border = TableBorder.None };
        for (var i = 0; i < columns.Length; i++)
        {
            table.AddColumn(new TableColumn(new Text(columns[i], new Style(decoration: Decoration.Bold))) { Padding = new Padding(0, 0, Gap, 0), NoWrap = i != broken });
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(Plain(cell.Text), StyleOf(cell.Tone))));
        }

        return table;
    }

    private (string[] Columns, Cell[][] Rows) Fit(string[] columns, Cell[][] rows, string[] lesser)
    {
        foreach (var column in lesser)
        {
            if (Widths(columns, rows).Sum() <= _output.Profile.Width)
            {
                break;
            }

            var at = Array.IndexOf(columns, column);
            (columns, rows) = (Without(columns), [.. rows.Select(Without)]);
            T[] Without<T>(T[] cells) => [.. cells[..at], .. cells[(at + 1)..]];
        }

        return (columns, rows);
    }

    private static int[] Widths(string[] columns, Cell[][] rows) =>
        [.. columns.Select((name, i) => rows.Select(row => row[i].Text.Length).Append(name.Length).Max() + Gap)];

    /// <summary>Shows that something is going on, where there is somebody to see it.</summary>
    public Task<T> WorkAsync<T>(Func<Task<T>> work) => world.Error.IsRedirected
        ? work()
        : _error.Status().StartAsync("Ctrl-C stops; running it again resumes", _ => work());

    /// <summary>Asks for a secret on standard error and shows nothing of what is typed.</summary>
    public async Task<string> AskSecretAsync(string question, CancellationToken cancellationToken)
    {
        try
        {
            return await new TextPrompt<string>(question).Secret(null).AllowEmpty().ShowAsync(_error, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // What is said next begins on a line of its own.
            _error.WriteLine();
            throw;
        }
    }

    private static IAnsiConsole Create(World world, StandardOutput output)
    {
        var plain = output.IsRedirected || world.Variable("NO_COLOR") is not null;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            // A pipeline would be taken for a terminal that shows colours.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new AnsiConsoleOutput(output.Text),
        });
        if (output.IsRedirected)
        {
            // A file has no width; without one, lines would be broken at 80 characters.
            console.Profile.Width = 10_000;
        }

        return console;
    }

    private static Style StyleOf(Tone tone) => tone switch
    {
        Tone.Good => new Style(Color.Green),
        Tone.Doubtful => new Style(Color.Yellow),
        Tone.Bad => new Style(Color.Red, decoration: Decoration.Bold),
        _ => Style.Plain,
    };

    // Tags are written by anyone with a role on the vault, and could steer the terminal.
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
