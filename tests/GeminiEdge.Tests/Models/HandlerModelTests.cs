using System.Text;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Failover;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Tests.Models;

/// <summary>The same in a process of one's own.</summary>
public class HandlerModelTests
{
    [Theory]
    [InlineData("generateContent")]
    [InlineData("streamGenerateContent?alt=sse")]
    public async Task Handler_VersionChanges_SaysSoInAHeaderAndAnEvent(string action)
    {
        await using var bed = await FailoverBed.StartAsync();
        Assert.Equal("gemini-3.8-flash", (await AskAsync()).Header("x-gemini-edge-model-version"));
        bed.Sandbox.Options.Models = [new SandboxModel("gemini-flash-latest", "gemini-3.9-flash")];

        Assert.Equal("gemini-3.9-flash", (await AskAsync()).Header("x-gemini-edge-model-version"));
        await AskAsync();

        var changed = Assert.Single(bed.Log.Named("model_changed"));
        Assert.Equal((LogLevel.Warning, "gemini-flash-latest", "gemini-3.8-flash", "gemini-3.9-flash"), (changed.Level, changed.Fields["model"], changed.Fields["from"], changed.Fields["to"]));

        Task<HttpResponseMessage> AskAsync() => bed.Http.PostAsync(
            new Uri($"/v1beta/models/gemini-flash-latest:{action}", UriKind.Relative), new StringContent(EdgeHost.Contents("Hello"), Encoding.UTF8, "application/json"));
    }

    [Fact]
    public async Task Handler_ModelIsGone_IsAnEvent()
    {
        await using var bed = await FailoverBed.StartAsync();
        await AskAsync();
        bed.Sandbox.Options.Models = [];

        await AskAsync();
        await AskAsync();

        var retired = Assert.Single(bed.Log.Named("model_retired"));
        Assert.Equal((LogLevel.Error, "gemini-flash-latest", null, 404), (retired.Level, retired.Fields["model"], retired.Fields["fallback"], retired.Fields["status"]));

        Task<HttpResponseMessage> AskAsync() => bed.Http.PostAsync(
            new Uri("/v1beta/models/gemini-flash-latest:generateContent", UriKind.Relative), new StringContent(EdgeHost.Contents("Hello"), Encoding.UTF8, "application/json"));
    }
}
