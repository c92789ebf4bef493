using GeminiEdge.Tests.Functions.Host;

namespace GeminiEdge.Tests.Functions;

/// <summary>The stand-in routes as the real host was measured to.</summary>
public class FunctionsHostTests
{
    // Measured on the real host, by the path it has decoded and normalised.
    [Theory]
    [InlineData("/api/health", "edge-1-health")]
    [InlineData("/api/admin/probe", "edge-2-admin")]
    [InlineData("/api/status", "edge-3-status")]
    [InlineData("/api/generate", "edge-4-api")]
    [InlineData("/API/generate", "edge-4-api")]
    [InlineData("/api/admin%2fx", "edge-4-api")]
    [InlineData("/v1beta/..%2fapi/generate", "edge-5-v1beta")]
    [InlineData("/v1/models", "edge-5-v1")]
    [InlineData("//api/generate", null)]
    [InlineData("/api//generate", null)]
    [InlineData("/api%2fgenerate", null)]
    [InlineData("/api;x/generate", null)]
    [InlineData("/api\\generate", null)]
    [InlineData("/", null)]
    public void Path_IsMatchedByTheFirstFunctionInTheOrderOfNames(string path, string? name)
    {
        var functions = DeployedFunction.Of(Repository.PathOf("src", "GeminiEdge.Functions", "CustomHandler"), "");

        Assert.Equal(name, functions.FirstOrDefault(function => function.Matches(path))?.Name);
    }
}
