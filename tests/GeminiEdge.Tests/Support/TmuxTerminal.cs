using System.Diagnostics;
using System.Globalization;

namespace GeminiEdge.Tests.Support;

/// <summary>A shell in a real terminal of so many columns: what is seen here is what a person sees. Debian's tmux, which .ci/run installs.</summary>
internal sealed class TmuxTerminal : IAsyncDisposable
{
    private const string Executable = "/usr/bin/tmux";
    private const int Rows = 200;

    private readonly string _name = $"geminiedge-{Guid.NewGuid():N}";

    private TmuxTerminal(int columns) => Columns = columns;

    public int Columns { get; }

    /// <summary>Opens it. Where there is no tmux the test is skipped, but not where one has to be.</summary>
    /// <param name="path">A folder whose programs it finds first.</param>
    public static async Task<TmuxTerminal> OpenAsync(int columns, string path)
    {
        if (!File.Exists(Executable) && Environment.GetEnvironmentVariable("CI") is null)
        {
            Assert.Skip($"There is no {Executable}: apt-get install tmux.");
        }

        Assert.True(File.Exists(Executable), $"There is no {Executable}, which .ci/run installs.");
        var terminal = new TmuxTerminal(columns);

        // A user's shell, without the runner's settings, and without its history.
        await terminal.TmuxAsync(
            "-f", "/dev/null", "new-session", "-d", "-x", Text(columns), "-y", Text(Rows), "env", "-i",
            $"PATH={path}:{Environment.GetEnvironmentVariable("PATH")}", $"HOME={Environment.GetEnvironmentVariable("HOME")}", $"TMPDIR={Path.GetTempPath()}",
            $"DOTNET_ROOT={Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."))}",
            "TERM=screen-256color", "LANG=C.UTF-8", "PS1=$ ", "HISTFILE=", "bash", "--norc", "--noprofile");
        await terminal.SeesAsync("$");
        return terminal;
    }

    /// <summary>Types a line and the enter key.</summary>
    public async Task TypeAsync(string line)
    {
        await TmuxAsync("send-keys", "-l", line);
        await TmuxAsync("send-keys", "Enter");
    }

    /// <summary>A key by tmux's name for it.</summary>
    public Task PressAsync(string key) => TmuxAsync("send-keys", key);

    public Task ClearAsync() => TmuxAsync("send-keys", "-R", ";", "clear-history");

    /// <summary>All that is shown, a line that the terminal had to break as one.</summary>
    public async Task<string[]> ScreenAsync() => (await TmuxAsync("capture-pane", "-p", "-J", "-S", "-")).TrimEnd('\n').Split('\n');

    /// <summary>Returns the screen once it shows a text.</summary>
    public async Task<string[]> SeesAsync(string text, TimeSpan? patience = null)
    {
        string[] screen = [];
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            screen = await ScreenAsync();

            // A sentence is broken where the terminal ends.
            if (string.Join(' ', screen.Select(line => line.Trim())).Contains(text, StringComparison.Ordinal))
            {
                return screen;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(began) < (patience ?? Patience.Limit), $"Not seen: {text}. There is:\n{string.Join('\n', screen)}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    public async ValueTask DisposeAsync() => await TmuxAsync("kill-server");

    private async Task<string> TmuxAsync(params string[] arguments)
    {
        using var tmux = Process.Start(new ProcessStartInfo(Executable, ["-L", _name, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = tmux.StandardError.ReadToEndAsync();
        var output = await tmux.StandardOutput.ReadToEndAsync();
        await tmux.WaitForExitAsync();
        Assert.True(tmux.ExitCode == 0 || arguments is ["kill-server"], $"tmux {arguments[0]}: {await errors}");
        return output;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
