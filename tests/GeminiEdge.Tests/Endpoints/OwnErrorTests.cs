using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GeminiEdge.Endpoints;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Failover;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Endpoints;

/// <summary>Errors of the edge's own on native routes look like Google's, and SDKs show their text alone: so it says whose it is.</summary>
public class OwnErrorTests
{
    private const string Native = "/v1beta/models/gemini-flash-latest:generateContent";

    /// <summary>Each code that a native route can answer, and what brings it about.</summary>
    private static readonly Dictionary<string, Func<Task<string>>> Faults = new()
    {
        ["unauthorized"] = () => AskAsync(new() { Settings = { ["GEMINI_EDGE_CLIENT_KEYS"] = "caller-key-0123456789" } }, edge => edge.NativeAsync()),
        ["not_found"] = () => AskAsync(new(), edge => edge.GetAsync("/v2/models")),
        ["live_not_supported"] = () => AskAsync(new(), edge => edge.GetAsync("/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent")),
        ["method_not_allowed"] = () => AskRawAsync(edge => RawHttp.SendAsync(edge, "TRACE", "/v1beta/models")),
        ["body_too_large"] = () => AskAsync(new() { Settings = { ["GeminiEdge:BodyLimit"] = "1024" } }, edge => edge.PostAsync(Native, EdgeHost.Contents(new string('x', 1024)))),
        ["invalid_request"] = () => AskRawAsync(async edge =>
        {
            using var caller = await RawHttp.ConnectAsync(edge);
            await caller.WriteAsync(RawHttp.Head(edge, "POST", Native, "Transfer-Encoding: chunked") + "\r\nno such length\r\n");
            return await caller.ReadToEndAsync();
        }),
        ["invalid_configuration"] = () => AskAsync(new() { Settings = { ["GeminiEdge:Deadline"] = "soon" } }, edge => edge.NativeAsync()),
        ["no_keys_configured"] = () => AskAsync(new() { Keys = 0 }, edge => edge.NativeAsync()),
        ["all_keys_failed"] = () => AskAsync(new() { Prepare = sandbox => sandbox.Keys.ToList().ForEach(key => key.State = SandboxKeyState.Invalid) }, edge => edge.NativeAsync()),
        ["upload_not_found"] = () => AskAsync(new(), edge => edge.SendAsync("POST", "/upload/v1beta/files?upload_id=u&gemini_edge_key_id=none", "x")),
        ["outcome_unknown"] = () => AskAsync(new() { Prepare = sandbox => sandbox.OnRequest = AbortAsync }, edge => edge.PostAsync("/v1beta/models/veo:predictLongRunning", "{}")),
        ["upstream_unreachable"] = () => AskAsync(
            new() { Settings = { ["GEMINI_BASE_URL"] = RawUpstream.Nobody() } }, edge => edge.SendAsync("POST", $"/upload/v1beta/files?upload_id=u&gemini_edge_key_id={edge.Primary.Value[^4..]}", "x")),
        ["deadline_exceeded"] = () => AskAsync(
            new()
            {
                Settings = { ["GeminiEdge:Deadline"] = "00:00:00.3", ["GeminiEdge:Reserve"] = "00:00:00.1", ["GeminiEdge:ConnectTimeout"] = "00:00:00.2" },
                Prepare = sandbox => sandbox.Keys.ToList().ForEach(key => key.State = SandboxKeyState.Silent),
            },
            edge => edge.NativeAsync()),
        ["upstream_rejected"] = () => AskAsync(new() { Prepare = sandbox => sandbox.OnRequest = RefuseCompressedAsync }, edge => edge.NativeAsync()),
    };

    public static TheoryData<string> Codes => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Codes))]
    public async Task Error_OnANativeRoute_BeginsWithWhoseItIs(string code)
    {
        var error = JsonNode.Parse(await Faults[code]())!["error"]!;

        Assert.Equal(code, error["details"]![0]!["reason"]!.GetValue<string>());
        Assert.StartsWith("GeminiEdge: ", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.DoesNotContain("GeminiEdge: GeminiEdge:", error["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    // What no test above brings about is written by the same hand.
    [Fact]
    public void Error_OfEveryCode_BeginsWithWhoseItIs() => Assert.All([.. EndpointErrors.All, FailoverError.UpstreamRejected(400)], error =>
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            ErrorJson.WriteGoogleError(json, error, "A sentence.", "r-1", [], retryAfter: null);
        }

        Assert.Equal("GeminiEdge: A sentence.", JsonNode.Parse(output.WrittenSpan)!["error"]!["message"]!.GetValue<string>());
    });

    [Fact]
    public async Task Handler_ItsOwnErrors_BeginWithWhoseTheyAre()
    {
        await using var bed = await FailoverBed.StartAsync();
        using var trace = new HttpRequestMessage(HttpMethod.Trace, "v1beta/models");
        using var large = new HttpRequestMessage(HttpMethod.Post, "v1beta/models/x:generateContent") { Content = new ByteArrayContent(new byte[(20 << 20) + 1]) };
        bed.KillAll();
        using var dead = new HttpRequestMessage(HttpMethod.Get, "v1beta/models");

        foreach (var request in (HttpRequestMessage[])[trace, large, dead])
        {
            using var response = await bed.Http.SendAsync(request);
            Assert.Matches("^GeminiEdge: [^G]", (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["message"]!);
        }
    }

    // Google's own words are passed on as they are.
    [Fact]
    public async Task GooglesError_OnANativeRoute_IsLeftAlone()
    {
        await using var edge = await EdgeHost.StartAsync();

        using var response = await edge.NativeAsync(model: "no-such-model");

        Assert.DoesNotContain("GeminiEdge", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(EdgeSetup setup, Func<EdgeHost, Task<HttpResponseMessage>> ask)
    {
        await using var edge = await EdgeHost.StartAsync(setup);
        using var response = await ask(edge);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<string> AskRawAsync(Func<EdgeHost, Task<RawAnswer>> ask)
    {
        await using var edge = await EdgeHost.StartAsync();
        return (await ask(edge)).Body;
    }

    private static Task<bool> AbortAsync(HttpContext context)
    {
        context.Abort();
        return Task.FromResult(true);
    }

    private static async Task<bool> RefuseCompressedAsync(HttpContext context)
    {
        context.Response.StatusCode = 400;
        context.Response.Headers.ContentEncoding = "br";
        await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes("?"));
        return true;
    }
}
