using System.Text;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

public class TextBytesTests
{
    private static readonly string Image = Convert.ToBase64String(new byte[1_500_000]);

    public static TheoryData<string> Pictures => new()
    {
        """{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"§0"}},{"text":"What is it?"}]}]}""".Replace("§0", Image, StringComparison.Ordinal),
        """{"contents":[{"parts":[{"inline_data":{"mime_type":"image/png","data":"§0"}}]}]}""".Replace("§0", Image.Replace("/", "\\/", StringComparison.Ordinal), StringComparison.Ordinal),
        """{"model":"a","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,§0"}}]}]}""".Replace("§0", Image, StringComparison.Ordinal),
        """{"instances":[{"image":{"bytesBase64Encoded":"§0"}}]}""".Replace("§0", Image, StringComparison.Ordinal),
        """{"model":"a","messages":[{"role":"user","content":[{"type":"input_audio","input_audio":{"format":"wav","data":"§0"}}]}]}""".Replace("§0", Image, StringComparison.Ordinal),
    };

    [Theory]
    [MemberData(nameof(Pictures))]
    public void In_APicture_CountsAFewHundredTokens(string body) =>
        Assert.InRange(TextBytes.In(Encoding.UTF8.GetBytes(body)), 4 * 258, 2_000);

    [Fact]
    public void In_LongText_CountsAllOfIt()
    {
        var body = """{"contents":[{"parts":[{"text":"§0"},{"functionCall":{"args":{"dates":"§1"}}}]}]}""".Replace("§0", new string('x', 500_000), StringComparison.Ordinal).Replace("§1", new string('y', 500_000), StringComparison.Ordinal);

        Assert.Equal(body.Length, TextBytes.In(Encoding.UTF8.GetBytes(body)));
    }

    [Fact]
    public void In_TextThatIsCalledData_CountsAllOfIt()
    {
        var body = """{"contents":[{"parts":[{"functionResponse":{"name":"fetch","response":{"data":"§"}}}]}]}"""
            .Replace("§", string.Concat(Enumerable.Repeat("plain words, ", 30_000)), StringComparison.Ordinal);

        Assert.Equal(body.Length, TextBytes.In(Encoding.UTF8.GetBytes(body)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no JSON")]
    [InlineData("{\"data\":\"cut")]
    public void In_WhatIsNoJson_CountsItsBytes(string body) => Assert.Equal(body.Length, TextBytes.In(Encoding.UTF8.GetBytes(body)));

    [Theory]
    [InlineData(true, "quota_minute")]
    [InlineData(false, "request_too_large_for_quota")]
    public async Task TokensPerMinute_OfAPictureOrOfAsMuchText_IsJudgedByItsText(bool isPicture, string verdict)
    {
        var upstream = new FakeUpstream(_ => new HttpResponseMessage(System.Net.HttpStatusCode.TooManyRequests)
        {
            Content = new StringContent(UpstreamAnswers.Fixture("429-minute-tokens.json"), Encoding.UTF8, "application/json"),
        });
        using var edge = new InProcessEdge(["the-only-key-there-is"], upstream, new FakeTimeProvider());

        await edge.SendAsync("/v1beta/models/a:generateContent", isPicture
            ? """{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png","data":"§0"}}]}]}""".Replace("§0", Image, StringComparison.Ordinal)
            : EdgeHost.Contents(new string('x', 2_000_000)));

        Assert.Contains(edge.Log, line => line.Contains($"\"verdict\":\"{verdict}\"", StringComparison.Ordinal));
        Assert.Equal(isPicture, !edge.Ring.Keys[0].Health.IsUntroubled);
    }
}
