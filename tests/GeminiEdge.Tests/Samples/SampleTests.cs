using GeminiEdge.Tests.Functions;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Samples;

/// <summary>Each program of samples/ runs as it stands, and finds the edge by the environment alone.</summary>
public class SampleTests
{
    private const string Caller = "caller-key-of-the-samples";
    private const string Question = "Say \"hello\" to C:\\samples";
    private static readonly NodePackages JavaScript = new(["samples", "javascript"]);

    [Fact]
    public async Task Curl_AsksInThreeWays()
    {
        await using var edge = await StartAsync();

        var run = await ProgramRun.RunAsync("bash", [Repository.PathOf("samples", "curl", "ask.sh"), Question], EnvironmentOf(edge));

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        var answers = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, answers.Count(line => line.Contains(@"Say \""hello\"" to C:\\samples", StringComparison.Ordinal)));
        Assert.Equal(["/v1beta/models/gemini-flash-latest:generateContent", "/v1beta/models/gemini-flash-latest:generateContent", "/v1beta/openai/chat/completions"],
            edge.Sandbox.Requests.Select(request => request.Target));
    }

    [Fact]
    public async Task JavaScript_BothSdksAsk()
    {
        await using var edge = await StartAsync();

        var (exitCode, output) = await JavaScript.RunAsync("ask.mjs", EnvironmentOf(edge));

        Assert.True(exitCode == 0, output);
        AssertAnswered(output, edge, "@google/genai: Sandbox answer to: Say hello", "openai: Sandbox answer to: Say hello");
    }

    [Fact]
    public async Task CSharp_TheSdkAndHttpClientAsk()
    {
        await using var edge = await StartAsync();

        var run = await ProgramRun.RunAsync("dotnet", [Repository.PathOf("artifacts", "bin", "Ask", "debug", "Ask.dll")], EnvironmentOf(edge));

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        AssertAnswered(run.Output, edge, "OpenAI: Sandbox answer to: Say hello", "HttpClient: Sandbox answer to: Say hello");
    }

    [Fact]
    public async Task Python_BothSdksAsk()
    {
        var python = await ProgramRun.RunAsync("bash", ["-c", "python3 -c 'import google.genai, openai'"]);
        Assert.SkipUnless(python.ExitCode == 0, "Python's SDKs are not installed: pip install -r samples/python/requirements.txt");
        await using var edge = await StartAsync();

        var run = await ProgramRun.RunAsync("python3", [Repository.PathOf("samples", "python", "ask.py")], EnvironmentOf(edge));

        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
        AssertAnswered(run.Output, edge, "google-genai: Sandbox answer to: Say hello", "openai: Sandbox answer to: Say hello");
    }

    // Where its SDKs can't be had, at least it is a program.
    [Fact]
    public async Task Python_IsAProgram()
    {
        var run = await ProgramRun.RunAsync("bash", ["-c", "command -v python3 >/dev/null || exit 0; python3 -c 'import ast, sys; ast.parse(sys.stdin.read())' < \"$1\"", "bash", Repository.PathOf("samples", "python", "ask.py")]);

        Assert.True(run.ExitCode == 0, run.Errors);
    }

    [Fact]
    public void Samples_AreShortAndPinned()
    {
        Assert.All([("curl", "ask.sh"), ("javascript", "ask.mjs"), ("python", "ask.py"), ("csharp", "Program.cs")],
            sample => Assert.InRange(File.ReadAllLines(Repository.PathOf("samples", sample.Item1, sample.Item2)).Length, 1, 29));
        Assert.All(File.ReadAllLines(Repository.PathOf("samples", "python", "requirements.txt")), line => Assert.Matches(@"^[a-z-]+==\d+\.\d+\.\d+$", line));
        Assert.DoesNotMatch("[\\^~*]\\d", Repository.Read("samples", "javascript", "package.json"));
    }

    private static Task<EdgeHost> StartAsync() => EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = Caller } });

    /// <summary>What samples/README.md has a reader export.</summary>
    private static (string, string)[] EnvironmentOf(EdgeHost edge) =>
    [
        ("GOOGLE_GEMINI_BASE_URL", edge.Url.ToString().TrimEnd('/')), ("GEMINI_API_KEY", Caller),
        ("OPENAI_BASE_URL", new Uri(edge.Url, "v1beta/openai/").ToString()), ("OPENAI_API_KEY", Caller),
    ];

    private static void AssertAnswered(string output, EdgeHost edge, params string[] lines)
    {
        Assert.Equal(lines, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, edge.Sandbox.Requests.Count);
    }
}
