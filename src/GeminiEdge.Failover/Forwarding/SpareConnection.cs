using System.Net.Security;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>A connection that is opened before anybody needs it, and let go when nobody does, or when the upstream closes it.</summary>
internal sealed class SpareConnection : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task<Stream?> _life;
    private int _isDecided;

    /// <summary>Begins to open it, in another thread.</summary>
    /// <param name="open">Opens it.</param>
    /// <param name="connectTimeout">For opening it.</param>
    /// <param name="idleTimeout">How long it waits for somebody.</param>
    public SpareConnection(Func<CancellationToken, ValueTask<Stream>> open, TimeSpan connectTimeout, TimeSpan idleTimeout, TimeProvider time)
    {
        // Whoever begins it is a start or a request: neither is to wait, nor to hand on what belongs to it.
        using (ExecutionContext.SuppressFlow())
        {
            _life = Task.Run(() => LiveAsync(open, connectTimeout, idleTimeout, time));
        }
    }

    /// <summary>Takes it, as soon as it is open.</summary>
    /// <returns>Null when it could not be opened, or is no longer.</returns>
    public async ValueTask<Stream?> TakeAsync(CancellationToken cancellationToken)
    {
        if (!Decide())
        {
            return null;
        }

        await _end.CancelAsync();
        try
        {
            return await _life.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _ = DropAsync();
            throw;
        }
    }

    public void Dispose()
    {
        if (Decide())
        {
            _end.Cancel();
            _ = DropAsync();
        }
    }

    /// <returns>Whether it was still free: one only takes it, or lets it go.</returns>
    private bool Decide() => Interlocked.Exchange(ref _isDecided, 1) == 0;

    private async Task<Stream?> LiveAsync(Func<CancellationToken, ValueTask<Stream>> open, TimeSpan connectTimeout, TimeSpan idleTimeout, TimeProvider time)
    {
        Stream? stream = null;
        try
        {
            using var timeout = new CancellationTokenSource(connectTimeout, time);
            stream = await open(timeout.Token);

            if (stream is SslStream { NegotiatedApplicationProtocol: var protocol } && protocol == SslApplicationProtocol.Http2)
            {
                // There the upstream may speak first, and what can be read is no sign that it has closed.
                await Task.Delay(idleTimeout, time, _end.Token);
            }
            else
            {
                // Of no bytes, so that it takes none away: it ends when the upstream closes, or speaks before it was asked.
                using var idle = new CancellationTokenSource(idleTimeout, time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(_end.Token, idle.Token);
                _ = await stream.ReadAsync(Memory<byte>.Empty, either.Token);
            }
        }
        catch (OperationCanceledException) when (stream is not null && !Decide())
        {
            return stream;
        }
#pragma warning disable CA1031 // Whatever it was: a request that opens a connection itself is told, and tells.
        catch
#pragma warning restore CA1031
        {
        }

        stream?.Dispose();
        return null;
    }

    private async Task DropAsync() => (await _life)?.Dispose();
}
