namespace GeminiEdge.Tests.Functions;

public class FunctionsTests
{
    private static readonly HostedFunction[] Contract =
    [
        new("edge-1-health", "api/health", "anonymous"),
        new("edge-2-admin", "api/admin/{*path}", "admin"),
        new("edge-3-status", "api/status/{*path}", "anonymous"),
        new("edge-4-api", "api/{*path}", "function"),
        new("edge-5-download", "download/{*path}", "anonymous"),
        new("edge-5-upload", "upload/{*path}", "anonymous"),
        new("edge-5-v1", "v1/{*path}", "anonymous"),
        new("edge-5-v1alpha", "v1alpha/{*path}", "anonymous"),
        new("edge-5-v1beta", "v1beta/{*path}", "anonymous"),
    ];

    [Fact]
    public void CustomHandler_FunctionFiles_DeclareTheContract() => Assert.Equal(Contract, HostedFunction.OfCustomHandler());

    [Fact]
    public void IsolatedWorker_Functions_DeclareTheContract() => Assert.Equal(Contract, HostedFunction.OfIsolatedWorker());

    [Fact]
    public void Names_PassTheRuleOfTheHost() =>
        Assert.All(Contract, function => Assert.Matches(@"^[a-z][a-z0-9_\-]{0,127}$", function.Name));

    // The host tries functions in the alphabetical order of their names, so an earlier route may not swallow a later one.
    [Fact]
    public void Routes_InTheOrderOfNames_AreAllReached()
    {
        Assert.Equal(Contract.OrderBy(function => function.Name, StringComparer.OrdinalIgnoreCase), Contract);
        for (var later = 0; later < Contract.Length; later++)
        {
            Assert.DoesNotContain(Contract[..later], earlier => Swallows(earlier.Route, Contract[later].Route));
        }
    }

    [Fact]
    public void Routes_BeginWithALiteral_SoThatNothingElseReachesTheApp() =>
        Assert.DoesNotContain(Contract, function => function.Route.StartsWith('{'));

    [Theory]
    [InlineData("api/{*path}", "api/admin/{*path}", true)]
    [InlineData("api/admin/{*path}", "api/{*path}", false)]
    [InlineData("v1/{*path}", "v1beta/{*path}", false)]
    [InlineData("api/health", "api/health", true)]
    public void Swallows_ComparesWholeSegments(string earlier, string later, bool swallowed) =>
        Assert.Equal(swallowed, Swallows(earlier, later));

    private static bool Swallows(string earlier, string later) =>
        earlier.EndsWith("{*path}", StringComparison.Ordinal)
            ? later.StartsWith(earlier[..^"{*path}".Length], StringComparison.Ordinal)
            : earlier == later;
}
