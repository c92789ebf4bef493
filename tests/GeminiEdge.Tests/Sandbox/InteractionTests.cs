using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Sandbox;

public class InteractionTests
{
    private const string Interactions = "/v1beta/interactions";

    [Fact]
    public async Task Create_WithAModel_AnswersItsSteps()
    {
        await using var client = await SandboxClient.StartAsync();

        var json = (await client.PostAsync(Interactions, Body("\"input\":\"Say hello\""), client.Sandbox.AddKey())).Json;

        Assert.Equal(("interaction", "completed", SandboxClient.Model), (json["object"]!.GetValue<string>(), json["status"]!.GetValue<string>(), json["model"]!.GetValue<string>()));
        Assert.StartsWith("v1_", json["id"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("Sandbox answer to: Say hello", Text(json));
        Assert.True(json["usage"]!["total_tokens"]!.GetValue<int>() > 0);
    }

    [Theory]
    [InlineData("""{"type":"text","text":"Say hello"}""")]
    [InlineData("""[{"type":"text","text":"Say hello"}]""")]
    [InlineData("""[{"type":"user_input","content":[{"type":"text","text":"Say hello"}]}]""")]
    public async Task Create_InputOfAnyForm_IsRead(string input)
    {
        await using var client = await SandboxClient.StartAsync();

        Assert.Equal("Sandbox answer to: Say hello", Text((await client.PostAsync(Interactions, Body($"\"input\":{input}"), client.Sandbox.AddKey())).Json));
    }

    [Fact]
    public async Task Create_AfterAnother_GoesOnWithIt()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();

        var first = await NewAsync(client, key);
        var second = (await client.PostAsync(Interactions, Body($"\"input\":\"And now?\",\"previous_interaction_id\":\"{first}\""), key)).Json;

        Assert.Equal(("Sandbox answer to: And now? (turn 2)", first), (Text(second), second["previous_interaction_id"]!.GetValue<string>()));
    }

    [Fact]
    public async Task GetAndDelete_InItsProject_ShowAndForgetIt()
    {
        await using var client = await SandboxClient.StartAsync();
        var (key, sibling, stranger) = (client.Sandbox.AddKey(), client.Sandbox.AddKey(), client.Sandbox.AddKey(project: "projects/2"));
        var id = await NewAsync(client, key);

        var shown = (await client.GetAsync($"{Interactions}/{id}", sibling)).Json;
        var withInput = (await client.GetAsync($"{Interactions}/{id}?include_input=true", key)).Json;
        var foreign = await client.GetAsync($"{Interactions}/{id}", stranger);
        var deleted = await client.SendAsync(HttpMethod.Delete, $"{Interactions}/{id}", null, ("x-goog-api-key", key.Value));
        var gone = await client.GetAsync($"{Interactions}/{id}", key);
        var onward = await client.PostAsync(Interactions, Body($"\"input\":\"And now?\",\"previous_interaction_id\":\"{id}\""), key);

        Assert.Equal((id, null, "Say hello"), (shown["id"]!.GetValue<string>(), shown["input"], withInput["input"]!.GetValue<string>()));
        Assert.Equal((404, 200, 404, 404), (foreign.Status, deleted.Status, gone.Status, onward.Status));
        Assert.All([foreign, gone, onward], reply => Assert.Equal("not_found", reply.Error["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Create_NotStored_CanNotBeShown()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();

        var id = (await client.PostAsync(Interactions, Body("\"input\":\"Hi\",\"store\":false"), key)).Json["id"]!.GetValue<string>();

        Assert.Equal(404, (await client.GetAsync($"{Interactions}/{id}", key)).Status);
    }

    [Fact]
    public async Task Create_Streamed_SendsNamedEventsAndEndsWithDone()
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync(Interactions, Body("\"input\":\"Say hello\",\"stream\":true"), client.Sandbox.AddKey());

        var events = Events(reply);
        Assert.Equal("text/event-stream", reply.ContentType);
        Assert.Equal(["interaction.created", "interaction.status_update", "step.start"], events.Take(3).Select(Type));
        Assert.Equal(["step.stop", "interaction.completed"], events.TakeLast(2).Select(Type));
        Assert.Equal("Sandbox answer to: Say hello", string.Concat(events.Where(each => Type(each) == "step.delta").Select(each => each["delta"]!["text"]!.GetValue<string>())));
        Assert.True(events.Count(each => Type(each) == "step.delta") > 1);
        Assert.EndsWith("event: done\ndata: [DONE]\n\n", reply.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_Streamed_GoesOnAfterTheLastEvent()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        var first = Events(await client.PostAsync(Interactions, Body("\"input\":\"Say hello\",\"stream\":true"), key));
        var id = first[0]["interaction"]!["id"]!.GetValue<string>();

        var rest = Events(await client.GetAsync($"{Interactions}/{id}?stream=true&last_event_id={first[3]["event_id"]}", key));

        Assert.Equal(first.Skip(4).Select(each => each.ToJsonString()), rest.Select(each => each.ToJsonString()));
    }

    [Fact]
    public async Task Create_WithATool_CallsItAndTakesItsResult()
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        const string tools = "\"tools\":[{\"type\":\"function\",\"name\":\"get_weather\",\"parameters\":{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}}]";

        var first = (await client.PostAsync(Interactions, Body($"\"input\":\"Weather?\",{tools}"), key)).Json;
        var call = first["steps"]![0]!;
        var second = (await client.PostAsync(Interactions, Body($"\"previous_interaction_id\":\"{first["id"]}\",\"input\":[{{\"type\":\"function_result\",\"call_id\":\"{call["id"]}\",\"name\":\"get_weather\",\"result\":\"rain\"}}],{tools}"), key)).Json;

        Assert.Equal(("requires_action", "function_call", "get_weather", "sandbox"), (first["status"]!.GetValue<string>(), call["type"]!.GetValue<string>(), call["name"]!.GetValue<string>(), call["arguments"]!["city"]!.GetValue<string>()));
        Assert.Equal("completed", second["status"]!.GetValue<string>());
        Assert.Contains("(with the result of get_weather)", Text(second), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"type":"text","mime_type":"application/json","schema":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}""")]
    [InlineData("""[{"type":"text","mime_type":"application/json","schema":{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}}]""")]
    [InlineData("""{"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}""")]
    public async Task Create_WithAResponseFormat_AnswersJsonThatFits(string format)
    {
        await using var client = await SandboxClient.StartAsync();

        var json = (await client.PostAsync(Interactions, Body($"\"input\":\"Hi\",\"response_format\":{format}"), client.Sandbox.AddKey())).Json;

        Assert.Equal(1, JsonNode.Parse(Text(json))!["n"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("{\"model\":\"gemini-flash-latest\"}", 400, "invalid_request")]
    [InlineData("{\"input\":\"Hi\"}", 400, "invalid_request")]
    [InlineData("{\"input\":\"Hi\",\"model\":\"gemini-flash-latest\",\"generation_config\":{\"temperature\":\"hot\"}}", 400, "invalid_request")]
    [InlineData("{\"input\":\"Hi\",\"model\":\"none\"}", 404, "not_found")]
    [InlineData("{\"input\":\"Hi\",\"agent\":\"deep-research\"}", 501, "unimplemented")]
    public async Task Create_RequestIsWrong_AnswersACodeInWords(string body, int status, string code)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync(Interactions, body, client.Sandbox.AddKey());

        Assert.Equal((status, code), (reply.Status, reply.Error["code"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData(SandboxKeyState.QuotaDay, 429, "quota_exceeded")]
    [InlineData(SandboxKeyState.QuotaMinute, 429, "rate_limit_exceeded")]
    [InlineData(SandboxKeyState.QuotaHelpOnly, 429, "too_many_requests")]
    [InlineData(SandboxKeyState.PrepayDepleted, 402, "payment_required")]
    [InlineData(SandboxKeyState.Overloaded, 503, "unavailable")]
    public async Task Create_ModelIsNotToBeHad_AnswersACodeInWords(SandboxKeyState state, int status, string code)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync(Interactions, Body("\"input\":\"Hi\""), client.Sandbox.AddKey(state: state));

        Assert.Equal((status, code), (reply.Status, reply.Error["code"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Create_KeyIsRefused_AnswersTheFrontsOwnForm()
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync(Interactions, Body("\"input\":\"Hi\""), client.Sandbox.AddKey(state: SandboxKeyState.Invalid));

        Assert.Equal((400, true, "API_KEY_INVALID"), (reply.Status, reply.Json is JsonArray, reply.Reason));
    }

    [Fact]
    public async Task Stream_ErrorAtItsStart_IsAnEvent()
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync(Interactions, Body("\"input\":\"Hi\",\"stream\":true"), client.Sandbox.AddKey(state: SandboxKeyState.ErrorAtStreamStart));

        Assert.Equal(200, reply.Status);
        Assert.StartsWith("event: error\ndata: {\"error\":{\"message\":", reply.Text, StringComparison.Ordinal);
    }

    private static string Body(string members) => $"{{\"model\":\"{SandboxClient.Model}\",{members}}}";

    private static async Task<string> NewAsync(SandboxClient client, SandboxKey key) =>
        (await client.PostAsync(Interactions, Body("\"input\":\"Say hello\""), key)).Json["id"]!.GetValue<string>();

    private static string Text(JsonNode interaction) => interaction["steps"]![0]!["content"]![0]!["text"]!.GetValue<string>();

    private static string Type(JsonNode each) => each["event_type"]!.GetValue<string>();

    private static List<JsonNode> Events(Reply reply)
    {
        var frames = reply.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[..^1].Select(frame => frame.Split('\n')).ToList();
        var events = frames.Select(lines => JsonNode.Parse(lines[1]["data: ".Length..])!).ToList();
        Assert.Equal(frames.Select(lines => lines[0]), events.Select(each => $"event: {Type(each)}"));
        return events;
    }
}
