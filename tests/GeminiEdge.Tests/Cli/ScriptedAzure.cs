using System.Net;

namespace GeminiEdge.Tests.Cli;

/// <summary>Azure's management API, as far as it says yes or no.</summary>
internal sealed class ScriptedAzure : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private Task _serving = Task.CompletedTask;

    public string BaseUrl { get; private init; } = "";

    public List<string> Requests { get; } = [];

    public static Task<ScriptedAzure> StartAsync(int status)
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var azure = new ScriptedAzure { BaseUrl = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/" };
        probe.Stop();
        azure._listener.Prefixes.Add(azure.BaseUrl);
        azure._listener.Start();
        azure._serving = azure.ServeAsync(status);
        return Task.FromResult(azure);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync(int status)
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                var signed = context.Request.Headers["Authorization"]?.StartsWith("Bearer ", StringComparison.Ordinal) == true;
                Requests.Add($"{context.Request.HttpMethod} {context.Request.RawUrl}");
                context.Response.StatusCode = signed ? status : 401;
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
