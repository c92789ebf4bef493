using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>The connections of an endpoint, which end at once when it goes dark.</summary>
internal sealed class OpenConnections
{
    private readonly ConcurrentDictionary<ConnectionContext, bool> _open = new();
    private volatile bool _isDark;

    /// <summary>Whether connections are reset, the new ones before a byte is read.</summary>
    public bool IsDark
    {
        get => _isDark;
        set
        {
            _isDark = value;
            if (value)
            {
                AbortAll();
            }
        }
    }

    public ConnectionDelegate Track(ConnectionDelegate next) => async connection =>
    {
        _open[connection] = true;
        try
        {
            // After it was added: one that comes while the endpoint goes dark is seen here or there.
            if (_isDark)
            {
                Abort(connection);
                return;
            }

            await next(connection);
        }
        finally
        {
            _open.TryRemove(connection, out _);
        }
    };

    public void AbortAll()
    {
        foreach (var connection in _open.Keys)
        {
            Abort(connection);
        }
    }

    private static void Abort(ConnectionContext connection) => connection.Abort(new ConnectionAbortedException("The sandbox ended the connection."));
}
