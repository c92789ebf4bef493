using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Sandbox;

public class AnswerTests
{
    private const string Tools = """[{"functionDeclarations":[{"name":"get_weather","parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}}}}]}]""";
    private const string Question = """{"role":"user","parts":[{"text":"Weather?"}]}""";

    [Fact]
    public async Task Generate_FunctionDeclared_CallsItOnce()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        var result = """{"role":"user","parts":[{"functionResponse":{"name":"get_weather","response":{}}}]}""";

        var first = await client.GenerateAsync(key, $$"""{"contents":[{{Question}}],"tools":{{Tools}}}""");
        var second = await client.GenerateAsync(key, $$"""{"contents":[{{Question}},{{Content(first)}},{{result}}],"tools":{{Tools}}}""");

        var call = Content(first)["parts"]![0]!["functionCall"]!;
        Assert.Equal(("get_weather", "sandbox"), (call["name"]!.GetValue<string>(), call["args"]!["city"]!.GetValue<string>()));
        Assert.Equal("Sandbox answer to: Weather? (with the result of get_weather)", Content(second)["parts"]![0]!["text"]!.GetValue<string>());
    }

    [Fact]
    public async Task Generate_WithHistory_AnswersTheLastTurnAndCountsIt()
    {
        await using var client = await SandboxClient.StartAsync();
        var model = """{"role":"model","parts":[{"text":"Rain."}]}""";

        var reply = await client.GenerateAsync(client.Sandbox.AddKey(), $$"""{"contents":[{{Question}},{{model}},{{Question}}]}""");

        Assert.Equal("Sandbox answer to: Weather? (turn 2)", Content(reply)["parts"]![0]!["text"]!.GetValue<string>());
        Assert.Equal("gemini-3.8-flash", reply.Json["modelVersion"]!.GetValue<string>());
    }

    [Fact]
    public async Task ListModels_InPages_ListsEachOnce()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        var names = new List<string>();
        for (string? token = ""; token is not null;)
        {
            var page = (await client.GetAsync($"/v1beta/models?pageSize=4&pageToken={token}", key)).Json;
            names.AddRange(page["models"]!.AsArray().Select(model => model!["name"]!.GetValue<string>()));
            token = page["nextPageToken"]?.GetValue<string>();
        }

        Assert.Equal(client.Sandbox.Options.Models.Select(model => $"models/{model.Name}"), names);
    }

    private static JsonNode Content(Reply reply) => reply.Json["candidates"]![0]!["content"]!;
}
