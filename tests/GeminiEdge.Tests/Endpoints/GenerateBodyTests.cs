using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Endpoints;

public class GenerateBodyTests
{
    public static TheoryData<string, string> Faulty => new()
    {
        { "", "JSON" },
        { " ", "JSON" },
        { "null", "object" },
        { "[]", "object" },
        { "\"prompt\"", "object" },
        { "42", "object" },
        { "nonsense", "JSON" },
        { "{", "JSON" },
        { """{"prompt""", "JSON" },
        { """{"prompt":""", "JSON" },
        { """{"prompt":"x""", "JSON" },
        { """{"prompt":"x",""", "JSON" },
        { """{"prompt":"x",}""", "JSON" },
        { """{'prompt':'x'}""", "JSON" },
        { """{"prompt":"x"}}""", "JSON" },
        { """{"prompt":"x"}{"prompt":"y"}""", "JSON" },
        { """{"prompt":"x"} // comment""", "JSON" },
        { "{\"prompt\":\"x\ny\"}", "JSON" },
        { """{"prompt":"\x"}""", "JSON" },
        { """{"prompt":"\ud83d"}""", "'prompt'" },
        { """{"prompt":"\udc00\ud800"}""", "'prompt'" },
        { """{"prompt":"x","system":"\ud800y"}""", "'system'" },
        { """{"prompt":"x","model":"\ud800"}""", "'model'" },
        { """{"prompt":"x","\ud800":1}""", "surrogate" },
        { "{}", "'prompt'" },
        { """{"prompt":""}""", "'prompt'" },
        { """{"prompt":"  "}""", "'prompt'" },
        { """{"prompt":null}""", "'prompt'" },
        { """{"prompt":42}""", "'prompt'" },
        { """{"prompt":["x"]}""", "'prompt'" },
        { """{"prompt":{"text":"x"}}""", "'prompt'" },
        { """{"Prompt":"x"}""", "'Prompt'" },
        { """{"prompt":"x","temperature":1}""", "'temperature'" },
        { """{"prompt":"x","contents":[{}]}""", "'contents'" },
        { """{"prompt":"x","system":1}""", "'system'" },
        { """{"prompt":"x","stream":"true"}""", "'stream'" },
        { """{"prompt":"x","stream":1}""", "'stream'" },
        { """{"prompt":"x","stream":null}""", "'stream'" },
        { """{"prompt":"x","generationConfig":[]}""", "'generationConfig'" },
        { """{"prompt":"x","generationConfig":"{}"}""", "'generationConfig'" },
        { """{"prompt":"x","generationConfig":{"a":}}""", "JSON" },
        { """{"prompt":"x","model":""}""", "'model'" },
        { """{"prompt":"x","model":"models/"}""", "'model'" },
        { """{"prompt":"x","model":"models/models/x"}""", "'model'" },
        { """{"prompt":"x","model":"../files"}""", "'model'" },
        { """{"prompt":"x","model":"a?b"}""", "'model'" },
        { """{"prompt":"x","model":"a:b"}""", "'model'" },
        { """{"prompt":"x","model":"a\n"}""", "'model'" },
        { """{"prompt":"x","model":"é"}""", "'model'" },
        { """{"prompt":"x","model":null}""", "'model'" },
        { $$"""{"prompt":"x","model":"{{new string('a', 129)}}"}""", "'model'" },
        { $$"""{"prompt":"x","generationConfig":{{Nested(100)}}}""", "64" },
        { $$"""{"x":{{Nested(100)}}}""", "'x'" },
        { $$"""{"{{new string('a', 1000)}}":1}""", "aaa…'" },
    };

    [Theory]
    [MemberData(nameof(Faulty))]
    public async Task Body_IsFaulty_Is400ThatSaysWhatToChange(string body, string named)
    {
        await using var edge = await EdgeHost.StartAsync();

        var problem = await EdgeErrors.AssertProblemAsync(await edge.SendAsync("POST", "/api/generate", body, "application/json"), 400, "invalid_request");

        Assert.Contains(named, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Theory]
    [InlineData("{\"prompt\":\"\u00ff\"}")]
    [InlineData("{\"prompt\":\"\u00c0\u00af\"}")]
    [InlineData("{\"prompt\":\"\u00ed\u00a0\u0080\"}")]
    [InlineData("{\"prompt\":\"x\u00e2\u0082")]
    [InlineData("\u00ff\u00fe{\u0000}\u0000")]
    [InlineData("\u00ef\u00bb\u00bf{\"prompt\":\"a byte order mark\"}")]
    public async Task Body_IsNotPlainUtf8_Is400(string bytes)
    {
        await using var edge = await EdgeHost.StartAsync();

        var answer = await RawHttp.ExchangeAsync(edge, RawHttp.Head(edge, "POST", "/api/generate", $"Content-Length: {bytes.Length}") + "\r\n" + bytes);

        EdgeErrors.AssertProblem(answer, 400, "invalid_request");
        Assert.Empty(edge.Sandbox.Requests);
    }

    [Theory]
    [InlineData("""{"prompt":"x"}""", """{"contents":[{"role":"user","parts":[{"text":"x"}]}]}""")]
    [InlineData(""" { "prompt" : "x" } """, """{"contents":[{"role":"user","parts":[{"text":"x"}]}]}""")]
    [InlineData("""{"pro\u006dpt":"x"}""", """{"contents":[{"role":"user","parts":[{"text":"x"}]}]}""")]
    [InlineData("""{"prompt":"first","prompt":"the last one counts"}""", """{"contents":[{"role":"user","parts":[{"text":"the last one counts"}]}]}""")]
    [InlineData("""{"prompt":"\ud83d\ude00 \u0000 \" \/ é 😀"}""", """{"contents":[{"role":"user","parts":[{"text":"\ud83d\ude00 \u0000 \" \/ é 😀"}]}]}""")]
    [InlineData("""{"prompt":"x","system":"s","generationConfig":{ "n": 1e5, "n": [ ] },"stream":false}""",
        """{"systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{ "n": 1e5, "n": [ ] }}""")]
    public async Task Body_IsValid_ReachesTheUpstreamInTheCallersOwnBytes(string body, string expected)
    {
        await using var edge = await EdgeHost.StartAsync();

        await edge.SendAsync("POST", "/api/generate", body, "application/json");

        var received = Assert.Single(edge.Sandbox.Requests);
        Assert.Equal(expected, Encoding.UTF8.GetString(received.Body.Span));
        Assert.Equal("application/json", received.Headers["Content-Type"].ToString());
    }

    [Theory]
    [InlineData("gemini-pro-latest", "gemini-pro-latest")]
    [InlineData("models/gemini-pro-latest", "gemini-pro-latest")]
    [InlineData("A.b_c-1", "A.b_c-1")]
    [InlineData("..", "..")]
    public async Task Model_IsValid_IsAskedFor(string model, string asked)
    {
        await using var edge = await EdgeHost.StartAsync();

        await edge.GenerateAsync(model: model);

        Assert.Equal($"/v1beta/models/{asked}:generateContent", Assert.Single(edge.Sandbox.Requests).Target);
    }

    [Fact]
    public async Task GenerationConfig_IsNestedAsDeepAsMayBe_IsPassedOn()
    {
        await using var edge = await EdgeHost.StartAsync();
        var body = $$"""{"prompt":"x","generationConfig":{{Nested(63)}}}""";

        Assert.Equal(HttpStatusCode.OK, (await edge.SendAsync("POST", "/api/generate", body, "application/json")).StatusCode);

        var received = JsonNode.Parse(Assert.Single(edge.Sandbox.Requests).Body.Span)!;
        Assert.Equal(Nested(63), received["generationConfig"]!.ToJsonString());
    }

    // A schema is what may be nested; Gemini knows its other fields.
    private static string Nested(int depth) => """{"responseJsonSchema":""" + string.Concat(Enumerable.Repeat("{\"a\":", depth - 2)) + "{}" + new string('}', depth - 1);
}
