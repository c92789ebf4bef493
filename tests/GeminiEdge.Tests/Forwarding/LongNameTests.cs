using GeminiEdge.Sandbox.Gemini;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>Names that a caller makes up stand in the log, in every line about its request.</summary>
public class LongNameTests
{
    private static readonly string Long = new('m', 6_000);

    public static TheoryData<string, string, string> Targets => new()
    {
        { "POST", $"/v1beta/models/{Long}:generateContent", "{}" },
        { "POST", $"/v1beta/models/m:{Long}", "{}" },
        { "GET", $"/v1beta/{Long}", "" },
        { "GET", $"/v1beta/openai/{Long}", "" },
        { "POST", "/v1beta/openai/chat/completions", $$"""{"model":"{{Long}}"}""" },
        { "POST", $"/v1beta/{Long[..3_000]}/x:{Long[..3_000]}", "{}" },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Name_IsThousandsOfLettersLong_IsCutInTheLog(string verb, string target, string body)
    {
        await using var edge = await EdgeHost.StartAsync(new EdgeSetup { Settings = { ["GeminiEdge:Patience"] = "00:00:00" } });
        edge.Primary.State = edge.Secondary.State = SandboxKeyState.Invalid;

        await RawHttp.ExchangeAsync(edge, RawHttp.Head(edge, verb, target, $"Content-Length: {body.Length}") + "\r\n" + body);

        await edge.Log.WaitForAsync("gemini_fail", 2);
        await edge.Log.WaitForAsync("all_keys_failed");
        Assert.All(edge.Log.Lines, line => Assert.True(line.Length < 1_000, line));
    }
}
