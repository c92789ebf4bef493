namespace GeminiEdge.Cli;

/// <summary>
/// The line at the bottom of a terminal that is written anew in its place: what goes on, for how long, or how long it is
/// waited for. Carriage returns and spaces are all it takes, so that a terminal without colours shows it too.
/// </summary>
internal sealed class StatusLine(StandardOutput error, Func<int> width)
{
    private readonly Lock _lock = new();
    private Func<string>? _usual;
    private string? _moment;
    private int _shown;

    /// <summary>Shows a text that changes by itself, until what is returned is disposed of.</summary>
    public IDisposable Begin(Func<string> text, TimeSpan period, TimeProvider time)
    {
        if (error.IsRedirected)
        {
            return new Ticker(this, null);
        }

        lock (_lock)
        {
            var ticker = new Ticker(this, _usual);
            _usual = text;
            Draw_NeedsLock();
            ticker.Start(period, time);
            return ticker;
        }
    }

    /// <summary>Shows this in its place; null shows the usual again.</summary>
    public void Show(string? moment)
    {
        if (error.IsRedirected)
        {
            return;
        }

        lock (_lock)
        {
            _moment = moment;
            Draw_NeedsLock();
        }
    }

    /// <summary>Makes room for what stays.</summary>
    public void Around(Action write)
    {
        lock (_lock)
        {
            Erase_NeedsLock();
            write();
            Draw_NeedsLock();
        }
    }

    private void Draw_NeedsLock()
    {
        var text = _moment ?? _usual?.Invoke() ?? "";
        if (text.Length == 0 && _shown == 0)
        {
            return;
        }

        // In the last column the cursor would be in the next line. What is too long loses words, never half of one.
        var fitting = TextLayout.Wrap(text, Math.Max(1, width() - 1)).First();
        Write_NeedsLock($"\r{fitting.PadRight(_shown)}{(fitting.Length < _shown ? $"\r{fitting}" : "")}");
        _shown = fitting.Length;
    }

    private void Erase_NeedsLock()
    {
        if (_shown > 0)
        {
            Write_NeedsLock($"\r{new string(' ', _shown)}\r");
            _shown = 0;
        }
    }

    private void Write_NeedsLock(string text)
    {
        try
        {
            error.Text.Write(text);
            error.Text.Flush();
        }
        catch (IOException)
        {
            // The terminal is closed: there is nobody to show it to.
        }
    }

    private void End(Func<string>? before)
    {
        lock (_lock)
        {
            _usual = before;
            Erase_NeedsLock();
            Draw_NeedsLock();
        }
    }

    private sealed class Ticker(StatusLine line, Func<string>? before) : IDisposable
    {
        private ITimer? _timer;
        private bool _ended;

        public void Start(TimeSpan period, TimeProvider time) =>
            _timer = time.CreateTimer(_ => Tick(period), null, period, Timeout.InfiniteTimeSpan);

        public void Dispose()
        {
            lock (line._lock)
            {
                _ended = true;
            }

            if (_timer is not null)
            {
                _timer.Dispose();
                line.End(before);
            }
        }

        private void Tick(TimeSpan period)
        {
            lock (line._lock)
            {
                if (!_ended)
                {
                    line.Draw_NeedsLock();
                    _timer?.Change(period, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }
}
