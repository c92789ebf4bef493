using Microsoft.Extensions.Hosting;

namespace GeminiEdge.Endpoints;

/// <summary>The end of the process: no new callers, and a time for those who are still being answered.</summary>
internal sealed class Shutdown : IDisposable
{
    private readonly CancellationTokenSource _graceOver = new();
    private readonly CancellationTokenRegistration _stopping;
    private readonly ShutdownOptions _options;
    private readonly TimeProvider _time;
    private ITimer? _timer;

    public Shutdown(ShutdownOptions options, TimeProvider time, IHostApplicationLifetime? lifetime = null)
    {
        (_options, _time) = (options, time);
        _stopping = lifetime?.ApplicationStopping.Register(Begin) ?? default;
    }

    /// <summary>Whoever is still being answered is sent away.</summary>
    public CancellationToken GraceOver => _graceOver.Token;

    public bool GraceIsOver => _graceOver.IsCancellationRequested;

    public void Dispose()
    {
        _stopping.Dispose();
        _timer?.Dispose();
        _graceOver.Dispose();
    }

    private void Begin() =>
        _timer = _time.CreateTimer(static shutdown => ((Shutdown)shutdown!)._graceOver.Cancel(), this, _options.Grace, Timeout.InfiniteTimeSpan);
}
