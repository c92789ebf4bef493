using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Server;

/// <summary>`GeminiEdge.Server --health`, which a container asks itself with.</summary>
public class HealthCheckTests
{
    private static readonly (string, string) Development = ("ASPNETCORE_ENVIRONMENT", "Development");

    [Theory]
    [InlineData("http://127.0.0.1:{0}")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://+:{0}")]
    [InlineData("http://*:{0}")]
    [InlineData("http://0.0.0.0:{0}; http://127.0.0.1:1")]
    [InlineData("http://[::]:{0}")]
    [InlineData(";http://127.0.0.1:{0}")]
    public async Task Health_OfAnEdgeWithAKey_Is0(string urls)
    {
        await using var edge = EdgeProcess.Start(("ASPNETCORE_URLS", "http://127.0.0.1:0"), Development);
        var port = (await edge.Listening).Port;
        await edge.Log.WaitForAsync("ring_changed");

        var (exitCode, errors) = await AskAsync(string.Format(CultureInfo.InvariantCulture, urls, port));

        Assert.Equal((0, ""), (exitCode, errors));
    }

    [Fact]
    public async Task Health_OfAnEdgeWithoutAKey_Is1AndSaysWhy()
    {
        await using var edge = EdgeProcess.Start(("ASPNETCORE_URLS", "http://127.0.0.1:0"));
        var url = await edge.Listening;

        var (exitCode, errors) = await AskAsync(url.AbsoluteUri);

        Assert.Equal((1, $"{url}api/health answers 503: no key works, or a setting is wrong."), (exitCode, errors));
    }

    [Fact]
    public async Task Health_OfASocketInTheFileSystem_Is1AndSaysSo()
    {
        var (exitCode, errors) = await AskAsync("http://unix:/tmp/no-edge-here.sock");

        Assert.Equal((1, "the setting ASPNETCORE_URLS names a socket in the file system, which is not asked here: name a port first."), (exitCode, errors));
    }

    [Fact]
    public async Task Health_OfNobody_Is1AndSaysWhere()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();

        var (exitCode, errors) = await AskAsync($"http://+:{port}");

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"http://127.0.0.1:{port}/api/health does not answer: ", errors, StringComparison.Ordinal);
    }

    /// <summary>Asks as a container does, in the environment of the edge that listens there; again where other tests left no processor for it in time.</summary>
    private static async Task<(int ExitCode, string Errors)> AskAsync(string urls)
    {
        for (var tries = 1; ; tries++)
        {
            var end = await AskOnceAsync(urls);
            if (tries == 5 || !end.Errors.Contains("did not answer within", StringComparison.Ordinal))
            {
                return end;
            }
        }
    }

    private static async Task<(int ExitCode, string Errors)> AskOnceAsync(string urls)
    {
        await using var asked = EdgeProcess.StartAt(EdgeProcess.Executable, Environment.CurrentDirectory, ["--health"], ("ASPNETCORE_URLS", urls), Development);
        var exitCode = await asked.ExitCodeAsync();
        return (exitCode, asked.Errors.TrimEnd());
    }
}
