using System.Diagnostics;

namespace GeminiEdge.Cli.Drill;

/// <summary>Ends a process when it is no longer needed, and with this one at the latest.</summary>
internal sealed class ProcessEnd : IDisposable
{
    private readonly Process _process;

    /// <param name="started">Disposed of with this.</param>
    public ProcessEnd(Process started)
    {
        _process = started;
        AppDomain.CurrentDomain.ProcessExit += Kill;
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= Kill;
        Kill(null, EventArgs.Empty);
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Kill(object? sender, EventArgs e)
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
    }
}
