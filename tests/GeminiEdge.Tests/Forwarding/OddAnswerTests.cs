using System.Net;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>Answers that are valid, or nearly, and easily taken for something else.</summary>
public class OddAnswerTests
{
    private const string Answer = """{"candidates":[{"content":{"parts":[PART]},"finishReason":"STOP"}],"modelVersion":"m"}""";

    [Fact]
    public async Task Answer_ArgumentsAreNestedDeeply_IsAnAnswer()
    {
        var nested = string.Concat(Enumerable.Repeat("{\"a\":", 200)) + "1" + new string('}', 200);
        var body = Answer.Replace("PART", $$$"""{"functionCall":{"name":"f","args":{{{nested}}}}}""", StringComparison.Ordinal);
        await using var edge = await AnsweringAsync(body);

        using var response = await edge.NativeAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsStringAsync());
        Assert.Single(edge.Sandbox.Requests);
    }

    [Fact]
    public async Task Generate_TextHoldsHalfASurrogatePair_LosesThatLetterAlone()
    {
        await using var edge = await AnsweringAsync(Answer.Replace("PART", """{"text":"one \ud83d two \ud83d\ude00"}""", StringComparison.Ordinal));

        using var response = await edge.GenerateAsync();

        Assert.Equal("one \ufffd two \U0001F600", (await EdgeHost.JsonAsync(response))["text"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    public async Task Answer_NameIsHalfASurrogatePair_IsJudgedAndLogged(int status)
    {
        await using var edge = await AnsweringAsync("""{"error":{"\ud800":1,"code":400,"message":"x"},"\ud800":2}""", status);

        using var response = await edge.NativeAsync();

        Assert.NotEqual(HttpStatusCode.InternalServerError, response.StatusCode);
        await edge.Log.WaitForAsync("gemini_" + (status == 200 ? "fail" : "reject"));
    }

    [Fact]
    public async Task Read_AnswerBreaksOffBeforeItsFirstByte_GoesToTheNextKey()
    {
        await using var edge = await EdgeHost.StartAsync();
        edge.Sandbox.OnRequest = async context =>
        {
            if (context.Request.Headers["x-goog-api-key"] != edge.Primary.Value)
            {
                return false;
            }

            context.Response.ContentLength = 100;
            await context.Response.Body.FlushAsync();
            context.Abort();
            return true;
        };

        using var response = await edge.Client.GetAsync("/v1beta/models");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("2", response.Headers.GetValues("x-gemini-edge-attempts").Single());
    }

    private static async Task<EdgeHost> AnsweringAsync(string body, int status = 200)
    {
        var edge = await EdgeHost.StartAsync();
        edge.Sandbox.OnRequest = async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(body);
            return true;
        };
        return edge;
    }
}
