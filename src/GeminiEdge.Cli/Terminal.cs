using Spectre.Console;

namespace GeminiEdge.Cli;

/// <summary>Standard output for results, standard error for everything else; plain text unless a terminal shows it.</summary>
internal sealed class Terminal
{
    private readonly IAnsiConsole _output = Create(Console.Out, Console.IsOutputRedirected);
    private readonly IAnsiConsole _error = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>Somebody sees standard output as it is written.</summary>
    public bool IsLive { get; } = !Console.IsOutputRedirected;

    /// <summary>A line on standard error.</summary>
    public void Say(string line) => _error.WriteLine(Plain(line));

    /// <summary>A line of the result, on standard output.</summary>
    public void Print(string line) => _output.WriteLine(Plain(line));

    /// <summary>A table of the result, on standard output.</summary>
    public void Print(string[] columns, IEnumerable<string[]> rows) => _output.Write(Table(columns, rows));

    /// <summary>A table that is shown anew in its place, until there is no next one or Ctrl-C ends it.</summary>
    public async Task LiveAsync(string[] columns, Func<Task<string[][]?>> next, string[][] first, CancellationToken cancellationToken)
    {
        try
        {
            await _output.Live(Table(columns, first)).StartAsync(async live =>
            {
                while (await next() is { } rows)
                {
                    live.UpdateTarget(Table(columns, rows));
                }
            });
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how one stops looking.
        }
    }

    private static Table Table(string[] columns, IEnumerable<string[]> rows)
    {
        var table = new Table { Border = TableBorder.None };
        foreach (var column in columns)
        {
            table.AddColumn(new TableColumn(new Text(column, new Style(decoration: Decoration.Bold))) { Padding = new Padding(0, 0, 2, 0), NoWrap = true });
        }

        foreach (var row in rows)
        {
            table.AddRow(row.Select(cell => new Text(Plain(cell))));
        }

        return table;
    }

    /// <summary>Shows that something is going on, where there is somebody to see it.</summary>
    public Task<T> WorkAsync<T>(Func<Task<T>> work) => Console.IsErrorRedirected
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

    private static IAnsiConsole Create(TextWriter writer, bool redirected)
    {
        var plain = redirected || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            // A pipeline would be taken for a terminal that shows colours.
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
            Out = new AnsiConsoleOutput(writer),
        });
        if (redirected)
        {
            // A file has no width; without one, lines would be broken at 80 characters.
            console.Profile.Width = 10_000;
        }

        return console;
    }

    // Tags are written by anyone with a role on the vault, and could steer the terminal.
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '?' : c));
}
