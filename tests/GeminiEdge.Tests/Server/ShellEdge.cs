using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Server;

/// <summary>The executable as a shell starts it: with its streams closed, full or blocked, and with little of everything.</summary>
internal sealed class ShellEdge : IAsyncDisposable
{
    private readonly Process _process;

    private ShellEdge(Process process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    public HttpClient Client { get; } = new();

    public int Id => _process.Id;

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="before">What the shell does first, as <c>ulimit -n 256</c>.</param>
    /// <param name="redirections">Where its streams go, as <c>&gt;&amp;-</c>.</param>
    public static async Task<ShellEdge> StartAsync(string before, string redirections, params (string Name, string Value)[] settings)
    {
        var url = new Uri(RawUpstream.Nobody());
        var start = new ProcessStartInfo("bash", ["-c", $"{before}\nexec env --default-signal=INT {EdgeProcess.Executable} {redirections}"]);
        (string Name, string Value)[] own = [("ASPNETCORE_ENVIRONMENT", "Development"), ("ASPNETCORE_URLS", url.AbsoluteUri)];
        foreach (var (name, value) in own.Concat(settings))
        {
            start.Environment[name] = value;
        }

        var edge = new ShellEdge(Process.Start(start)!, url);
        await Eventually.IsAsync(() => edge._process.HasExited || edge.Answers());
        Assert.False(edge._process.HasExited, $"It ended with {(edge._process.HasExited ? edge._process.ExitCode : 0)}.");
        return edge;
    }

    public Task<HttpResponseMessage> GenerateAsync(bool stream = false) => Client.SendAsync(
        new HttpRequestMessage(HttpMethod.Post, new Uri(Url, "/api/generate"))
        {
            Content = new StringContent($$"""{"prompt":"Say hello","stream":{{(stream ? "true" : "false")}}}""", Encoding.UTF8, "application/json"),
        },
        HttpCompletionOption.ResponseHeadersRead);

    /// <summary>SIGTERM, as systemd and Kubernetes send it.</summary>
    public void Terminate() => Signal("-TERM");

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => Signal("-INT");

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience.Limit);
        return _process.ExitCode;
    }

    /// <summary>It takes no new connections any more.</summary>
    public Task ClosedAsync() => Eventually.IsAsync(() => !Connects());

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Signal(string name) => Process.Start("kill", [name, _process.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();

    private bool Connects()
    {
        try
        {
            using var client = new TcpClient(Url.Host, Url.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private bool Answers()
    {
        try
        {
            return Connects() && Client.GetAsync(new Uri(Url, "/")).GetAwaiter().GetResult().StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
