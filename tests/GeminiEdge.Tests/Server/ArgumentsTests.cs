using System.Globalization;
using System.Net;
using System.Net.Sockets;
using GeminiEdge.Fleet;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Server;

/// <summary>The executable's command line, and the addresses it can't listen on.</summary>
public class ArgumentsTests
{
    private const string Key = "AIzaSyD-a-key-on-the-command-line-0123";
    private static readonly (string, string) Development = ("ASPNETCORE_ENVIRONMENT", "Development");

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("--urls", "http://127.0.0.1:0", "--help")]
    public async Task Help_IsAsked_IsToldOnStandardOutput(params string[] arguments)
    {
        var run = await RunAsync(arguments);

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.All(["--urls", "--version", "GEMINI_API_KEY_PRIMARY", "GEMINI_KEYVAULT_URI", "GEMINI_EDGE_CLIENT_KEYS", "ASPNETCORE_URLS", "docs/operations.md"],
            word => Assert.Contains(word, run.Output, StringComparison.Ordinal));
        Assert.All(run.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public async Task Version_IsAsked_IsTheOneOfTheRegister()
    {
        var run = await RunAsync("--version");

        Assert.Equal((0, EdgeVersion.Text + "\n", ""), (run.ExitCode, run.Output, run.Errors));
        Assert.Matches(@"^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$", EdgeVersion.Text);
    }

    [Theory]
    [InlineData("--url", "http://127.0.0.1:0")]
    [InlineData("serve")]
    [InlineData("--GEMINI_MODEL=gemini-pro-latest")]
    [InlineData("--urls", "http://127.0.0.1:0", "unexpected-argument")]
    public async Task Argument_IsNotKnown_IsRefusedAndNotRepeated(params string[] arguments)
    {
        var run = await RunAsync(arguments);

        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.Contains("an argument is not known here", run.Errors, StringComparison.Ordinal);
        Assert.Contains("--help", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain(arguments[^1], run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Key)]
    [InlineData("--GEMINI_API_KEY_PRIMARY=" + Key)]
    [InlineData("--key", Key)]
    [InlineData("--urls", Key)]
    [InlineData("--urls=" + Key)]
    public async Task Argument_IsAKey_IsNeverRepeated(params string[] arguments)
    {
        var run = await RunAsync(arguments);

        Assert.Equal((64, ""), (run.ExitCode, run.Output));
        Assert.DoesNotContain(Key[..8], run.Errors, StringComparison.Ordinal);
        if (!arguments[0].StartsWith("--urls", StringComparison.Ordinal))
        {
            Assert.Contains("if that was one, rotate it", run.Errors, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("nonsense", "is an address as http://127.0.0.1:8080")]
    [InlineData("127.0.0.1:8080", "is an address as http://127.0.0.1:8080")]
    [InlineData("http://127.0.0.1:99999", "has a port beyond 65535")]
    [InlineData("https://127.0.0.1:8443", "asks for https")]
    [InlineData("http://127.0.0.1:8080/edge", "has a path")]
    [InlineData("http://127.0.0.1:80:80", "names a host, and listens on addresses")]
    [InlineData("http://edge.example:8080", "names a host, and listens on addresses")]
    [InlineData("http://localhost:0", "write 127.0.0.1 instead")]
    [InlineData("http://127.0.0.1:0;ftp://127.0.0.1", "is an address as")]
    [InlineData(" ; ", "names no address")]
    public async Task Address_CanNotBeOne_IsOneSentence(string address, string fault)
    {
        var (option, setting) = (await RunAsync("--urls", address), await ProgramRun.RunAsync(EdgeProcess.Executable, [], ("ASPNETCORE_URLS", address)));

        Assert.Equal((64, 64), (option.ExitCode, setting.ExitCode));
        Assert.Contains("--urls", AssertOneLine(option), StringComparison.Ordinal);
        Assert.Contains(fault, option.Errors, StringComparison.Ordinal);
        Assert.Contains("ASPNETCORE_URLS", AssertOneLine(setting), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_IsMissing_IsOneSentence()
    {
        var run = await RunAsync("--urls");

        Assert.Equal(64, run.ExitCode);
        Assert.Contains("takes an address", AssertOneLine(run), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls", "http://127.0.0.1:0")]
    [InlineData("--urls=http://127.0.0.1:0;http://[::1]:0")]
    public async Task Urls_AreGiven_CountBeforeTheSetting(params string[] arguments)
    {
        await using var edge = EdgeProcess.StartAt(EdgeProcess.Executable, Environment.CurrentDirectory, arguments, Development, ("ASPNETCORE_URLS", "nonsense"));

        Assert.True((await edge.Listening).IsLoopback);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Port_IsBusy_IsOneSentence(bool byOption)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var address = $"http://{taken.LocalEndpoint}";

        var run = byOption
            ? await RunAsync("--urls", $"http://127.0.0.1:0;{address}")
            : await ProgramRun.RunAsync(EdgeProcess.Executable, [], ("ASPNETCORE_URLS", address));

        Assert.Equal((1, $"GeminiEdge can't listen on {address}, because another program does: end that one, or choose another address with --urls or ASPNETCORE_URLS."), (run.ExitCode, AssertOneLine(run)));
    }

    [Fact]
    public async Task Port_OfTheFunctionsHostIsBusy_SaysWhoChoosesIt()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var run = await ProgramRun.RunAsync(EdgeProcess.Executable, [], ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{((IPEndPoint)taken.LocalEndpoint).Port}"));

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("start the Functions host again", AssertOneLine(run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_IsOfAnotherMachine_IsOneSentence()
    {
        var run = await RunAsync("--urls", "http://192.0.2.1:8080");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("it is no address of this machine", AssertOneLine(run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_TakesAPrivilege_IsOneSentence()
    {
        const string LowestFree = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
        Assert.SkipUnless(File.Exists(LowestFree) && int.Parse(await File.ReadAllTextAsync(LowestFree, TestContext.Current.CancellationToken), CultureInfo.InvariantCulture) > 81, "Every port is free to all here.");
        string[] asNobody = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"] : ["env"];
        Assert.SkipUnless((await ProgramRun.RunAsync(asNobody[0], [.. asNobody[1..], "test", "-x", EdgeProcess.Executable])).ExitCode == 0, "Another user can't see this checkout.");

        var run = await ProgramRun.RunAsync(asNobody[0], [.. asNobody[1..], EdgeProcess.Executable, "--urls", "http://127.0.0.1:81"], Development);

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("because this user may not (ports below 1024 take a privilege)", AssertOneLine(run), StringComparison.Ordinal);
    }

    // Three ends within half an hour stop the host: what an operator wrote into host.json must not be one.
    [Fact]
    public async Task UnderTheFunctionsHost_Arguments_AreNotJudged()
    {
        await using var edge = EdgeProcess.StartAt(EdgeProcess.Executable, Environment.CurrentDirectory, ["--port", "7071", "something"],
            ("FUNCTIONS_CUSTOMHANDLER_PORT", "0"), ("GEMINI_API_KEY_PRIMARY", "a-key-of-more-than-16-characters"));

        await edge.Log.WaitForAsync("ring_changed");

        Assert.False(edge.HasExited);
    }

    private static Task<ProgramRun> RunAsync(params string[] arguments) => ProgramRun.RunAsync(EdgeProcess.Executable, arguments, Development);

    private static string AssertOneLine(ProgramRun run)
    {
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
        return Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
