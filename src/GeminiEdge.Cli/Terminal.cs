using Spectre.Console;

namespace GeminiEdge.Cli;

/// <summary>Standard output for results, standard error for everything else; plain text unless a terminal shows it.</summary>
internal sealed class Terminal
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly World _world;
    private readonly IAnsiConsole _output;
    private readonly IAnsiConsole _error;
    private readonly StatusLine _status;

    public Terminal(World world)
    {
        (_world, _output, _error) = (world, Create(world, world.Output), Create(world, world.Error));
        _status = new StatusLine(world.Error, () => _error.Profile.Width);
    }

    /// <summary>Where the answers of who runs the command come from.</summary>
    public StandardInput Input => _world.Input;

    /// <summary>Somebody sees standard output as it is written.</summary>
    public bool IsLive => !_world.Output.IsRedirected;

    /// <summary>Who sees standard output sees standard error too: what was said there need not be printed again.</summary>
    public bool IsOneScreen => !_world.Output.IsRedirected && !_world.Error.IsRedirected;

    /// <summary>Shows on standard error what is so for a moment only; null ends it. Null where nobody would see it.</summary>
    public Action<string?>? Moment => _world.Error.IsRedirected ? null : _status.Show;

    /// <summary>A line on standard error.</summary>
    public void Say(string line) => _status.Around(() =>
    {
        try
        {
            _error.Write(Lines(line, _error));
        }
        catch (IOException)
        {
            // The terminal is closed. What is still to be done, a file to be removed or a record to be written, goes on.
        }
    });

    /// <summary>Standard output for what is no text, such as JSON, which is UTF-8 whatever the terminal is.</summary>
    public Stream OpenOutput() => _world.Output.Open();

    /// <summary>A line of the result, on standard output.</summary>
    /// <param name="hang">How far it hangs where it is too long; null: as it begins.</param>
    public void Print(string line, int? hang = null) => _status.Around(() => _output.Write(Lines(line, _output, hang)));

    /// <summary>A line of the result that begins with a word of its tone.</summary>
    public void Print(Cell word, string rest) => _status.Around(() =>
    {
        var lines = TextLayout.Wrap($"{word.Text}{rest}", _output.Profile.Width, word.Text.Length + 2).ToList();
        _output.Write(new ScreenLines([[word, lines[0][word.Text.Length..]], .. lines.Skip(1).Select(line => new Cell[] { line })]));
    });

    /// <summary>Lines in two columns, the second of which hangs under itself.</summary>
    public void Print(IReadOnlyCollection<(string Name, string Text)> pairs, int indent)
    {
        var (width, left) = (_output.Profile.Width, pairs.Max(pair => pair.Name.Length) + 2);
        foreach (var (name, text) in pairs)
        {
            // What is too long for a column has lines of its own.
            var isColumn = left <= width / 2;
            var beginning = new string(' ', indent) + (isColumn ? name.PadRight(left) : name);
            Print(isColumn ? $"{beginning}{text}" : beginning, beginning.Length);
            if (!isColumn)
            {
                Print($"{new string(' ', indent + 4)}{text}", indent + 4);
            }
        }
    }

    /// <summary>A table of the result, on standard output.</summary>
    /// <param name="lesser">The columns that go, in this order, where the terminal is too narrow for all.</param>
    public void Print(string[] columns, IEnumerable<Cell[]> rows, params string[] lesser) =>
        _status.Around(() => _output.Write(new ScreenLines(TableLayout.Lines(columns, [.. rows], lesser, _output.Profile.Width))));

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

        ScreenLines Shown((Cell[][] Rows, string Sentence) now) => new(
            TableLayout.Lines(columns, now.Rows, lesser, _output.Profile.Width).Concat(TextLayout.Wrap(now.Sentence, _output.Profile.Width).Select(line => new Cell[] { line })));
    }

    /// <summary>Shows that something is going on, where there is somebody to see it.</summary>
    /// <param name="resumes">Whether the same command, run again, goes on where it was stopped.</param>
    public async Task<T> WorkAsync<T>(Func<Task<T>> work, bool resumes = true)
    {
        var began = _world.Time.GetTimestamp();
        using (Show(() => $"{(int)_world.Time.GetElapsedTime(began).TotalSeconds} s  Ctrl-C stops{(resumes ? "; running it again resumes" : "")}", Second))
        {
            return await work();
        }
    }

    /// <summary>Shows a line that changes by itself, where there is somebody to see it, until what is returned is disposed of.</summary>
    public IDisposable Show(Func<string> text, TimeSpan period) => _status.Begin(text, period, _world.Time);

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

    private static ScreenLines Lines(string line, IAnsiConsole console, int? hang = null) =>
        new(TextLayout.Wrap(line, console.Profile.Width, hang).Select(part => new Cell[] { part }));

    private static IAnsiConsole Create(World world, StandardOutput output)
    {
        var plain = output.IsRedirected || output.ShowsColours == false || world.Variable("NO_COLOR") is not null;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : output.ShowsColours == true ? AnsiSupport.Yes : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : output.ShowsColours == true ? ColorSystemSupport.Standard : ColorSystemSupport.Detect,
            // A pipeline would be taken for a terminal that shows colours.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new AnsiConsoleOutput(output.Text),
        });
        if (output.IsRedirected)
        {
            // A file has no width; without one, lines would be broken at 80 characters.
            console.Profile.Width = 10_000;
        }
        else if (output.Width is { } width)
        {
            console.Profile.Width = width;
        }

        return console;
    }
}
