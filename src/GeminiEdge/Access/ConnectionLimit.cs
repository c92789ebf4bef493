using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Access;

/// <summary>
/// Turns connections away that the process has no files for: those who are in go on, and the upstream can be reached for them.
/// </summary>
internal sealed class ConnectionLimit : IDisposable
{
    private readonly int? _most;
    private readonly Tally _refusals;
    private int _count;

    /// <param name="most">How many there may be; null for as many as come.</param>
    public ConnectionLimit(int? most, ILogger<ConnectionLimit> log, TimeProvider time) =>
        (_most, _refusals) = (most, new Tally(time, count => log.ConnectionsRefused(count, most ?? 0)));

    /// <summary>Takes a connection, or closes it.</summary>
    public async Task TakeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        try
        {
            if (Interlocked.Increment(ref _count) > _most)
            {
                _refusals.Add();
                connection.Abort(new ConnectionAbortedException("The edge holds as many connections as it has files for."));
                return;
            }

            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _count);
        }
    }

    public void Dispose() => _refusals.Dispose();
}
