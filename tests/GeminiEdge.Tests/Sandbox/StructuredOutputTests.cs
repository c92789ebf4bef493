using System.Text.Json.Nodes;
using GeminiEdge.Sandbox.Gemini;

namespace GeminiEdge.Tests.Sandbox;

public class StructuredOutputTests
{
    private const string Recipe = """
        {"type":"OBJECT","properties":{"name":{"type":"STRING"},"stars":{"type":"INTEGER","minimum":3,"maximum":5},"kind":{"type":"STRING","format":"enum","enum":["SWEET","SALTY"]},
        "steps":{"type":"ARRAY","minItems":"3","items":{"type":"OBJECT","properties":{"minutes":{"type":"NUMBER"},"text":{"type":"STRING","nullable":true}},"required":["minutes"]}},
        "isVegan":{"type":"BOOLEAN"},"source":{"anyOf":[{"type":"STRING"},{"type":"NUMBER"}]}},"required":["name","steps"],"propertyOrdering":["name","stars"]}
        """;

    /// <summary>Schemas as Google takes them in <c>responseSchema</c>.</summary>
    public static TheoryData<string> Googles => new()
    {
        Recipe,
        """{"type":"ARRAY","items":{"type":"STRING"},"minItems":2,"maxItems":2}""",
        """{"type":"STRING","enum":["yes","no"]}""",
        """{"type":"STRING","format":"date-time"}""",
        """{"anyOf":[{"type":"OBJECT","properties":{"a":{"type":"INTEGER"}},"required":["a"]},{"type":"STRING"}]}""",
        """{"type":"object","properties":{"count":{"type":"integer"}},"required":["count"]}""",
    };

    /// <summary>Schemas as libraries write them, for <c>responseJsonSchema</c> and OpenAI.</summary>
    public static TheoryData<string> Jsons => new()
    {
        """{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,"required":["id","at","tags","next"],"properties":{"id":{"type":"string","format":"uuid","pattern":"^[0-9a-f-]{36}$"},"at":{"type":"string","format":"date"},"tags":{"type":"array","items":{"type":"string","minLength":9,"maxLength":9}},"next":{"type":["string","null"]}}}""",
        """{"$defs":{"Node":{"type":"object","properties":{"value":{"type":"number","exclusiveMinimum":0},"children":{"type":"array","items":{"$ref":"#/$defs/Node"}}},"required":["value","children"]}},"$ref":"#/$defs/Node"}""",
        """{"definitions":{"Person":{"type":"object","properties":{"name":{"type":"string"},"boss":{"anyOf":[{"$ref":"#/definitions/Person"},{"type":"null"}]}},"required":["name","boss"]}},"type":"object","properties":{"who":{"$ref":"#/definitions/Person"}},"required":["who"]}""",
        """{"type":"object","properties":{"kind":{"const":"cat"},"lives":{"type":"integer","multipleOf":3,"minimum":7}},"required":["kind","lives"]}""",
        """{"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"boolean"}},"required":["b"]}]}""",
        """{"oneOf":[{"type":"null"},{"type":"object","properties":{"url":{"type":"string","format":"uri"},"mail":{"type":"string","format":"email"}},"required":["url","mail"]}]}""",
        """{"type":"object","properties":{"mixed":{"enum":[7,"seven",null]},"deep":{"type":"object","properties":{"deeper":{"type":"array","minItems":1,"items":{"type":"array","minItems":2,"items":{"type":"number","minimum":-5,"maximum":-1}}}},"required":["deeper"]}},"required":["mixed","deep"]}""",
    };

    [Theory]
    [MemberData(nameof(Googles))]
    public async Task Generate_ResponseSchema_AnswersJsonThatFits(string schema) => await AssertFitsAsync("responseSchema", schema);

    [Theory]
    [MemberData(nameof(Jsons))]
    public async Task Generate_ResponseJsonSchema_AnswersJsonThatFits(string schema) => await AssertFitsAsync("responseJsonSchema", schema);

    [Theory]
    [MemberData(nameof(Jsons))]
    public async Task Chat_JsonSchema_AnswersJsonThatFits(string schema)
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        var format = $$$"""{"type":"json_schema","json_schema":{"name":"it","strict":true,"schema":{{{schema}}}}}""";

        var whole = await ChatAsync(client, key, format, stream: false);
        var streamed = await ChatAsync(client, key, format, stream: true);

        Assert.True(SchemaJudge.Fits(JsonNode.Parse(whole), JsonNode.Parse(schema)), whole);
        Assert.Equal(whole, streamed);
    }

    [Fact]
    public async Task Chat_JsonObject_AnswersAnObject()
    {
        await using var client = await SandboxClient.StartAsync();

        var text = await ChatAsync(client, client.Sandbox.AddKey(), """{"type":"json_object"}""", stream: false);

        Assert.Equal("Sandbox answer to: Say hello", JsonNode.Parse(text)!["answer"]!.GetValue<string>());
    }

    [Fact]
    public async Task Generate_Enum_AnswersOneOfItsWords()
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.GenerateAsync(client.Sandbox.AddKey(), Request("""{"responseMimeType":"text/x.enum","responseSchema":{"type":"STRING","enum":["north","south"]}}"""));

        Assert.Equal("north", Text(reply.Json));
    }

    [Fact]
    public async Task Generate_SchemaOfTwoKinds_IsSentInManyChunks()
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync($"/v1beta/models/{SandboxClient.Model}:streamGenerateContent", Request($$"""{"responseMimeType":"application/json","responseSchema":{{Recipe}}}"""), client.Sandbox.AddKey());

        Assert.True(reply.Json.AsArray().Count > 5);
        Assert.True(SchemaJudge.Fits(JsonNode.Parse(string.Concat(reply.Json.AsArray().Select(Text))), JsonNode.Parse(Recipe)), reply.Text);
    }

    [Theory]
    [InlineData(":generateContent")]
    [InlineData(":streamGenerateContent")]
    public async Task Generate_TwoCandidates_AnswersBothByTheirIndex(string verb)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync($"/v1beta/models/{SandboxClient.Model}{verb}", Request("""{"candidateCount":2}"""), client.Sandbox.AddKey());

        JsonNode?[] chunks = reply.Json is JsonArray array ? [.. array] : [reply.Json];
        var candidates = chunks.SelectMany(chunk => chunk!["candidates"]!.AsArray()).ToList();
        Assert.Equal("Sandbox answer to: Say hello", TextOf(candidates, 0));
        Assert.Equal("Sandbox answer to: Say hello (candidate 2)", TextOf(candidates, 1));
        Assert.Equal(2, candidates.Count(candidate => candidate!["finishReason"]?.GetValue<string>() == "STOP"));
        if (chunks.Length > 1)
        {
            Assert.Equal([0, 1, 0, 1], candidates.Take(4).Select(Index));
        }

        static int Index(JsonNode? candidate) => candidate!["index"]!.GetValue<int>();
        static string TextOf(IEnumerable<JsonNode?> all, int index) => string.Concat(all.Where(candidate => Index(candidate) == index)
            .Select(candidate => candidate!["content"]!["parts"]![0]!["text"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Chat_TwoChoices_AnswersBothByTheirIndex()
    {
        await using var client = await SandboxClient.StartAsync();
        var body = $$"""{"model":"{{SandboxClient.Model}}","n":2,"messages":[{"role":"user","content":"Say hello"}]}""";

        var reply = await client.SendAsync(HttpMethod.Post, "/v1beta/openai/chat/completions", SandboxClient.Json(body), ("Authorization", $"Bearer {client.Sandbox.AddKey().Value}"));

        Assert.Equal([0, 1], reply.Json["choices"]!.AsArray().Select(choice => choice!["index"]!.GetValue<int>()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public async Task Generate_CandidatesOutOfRange_Answers400(int count)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.GenerateAsync(client.Sandbox.AddKey(), Request($$"""{"candidateCount":{{count}}}"""));

        Assert.Equal(400, reply.Status);
        Assert.Contains("candidate_count", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_FunctionWithASchema_IsCalledWithArgumentsThatFit()
    {
        await using var client = await SandboxClient.StartAsync();
        const string schema = """{"type":"object","properties":{"days":{"type":"integer","minimum":2},"unit":{"type":"string","enum":["C","F"]},"places":{"type":"array","minItems":2,"items":{"type":"string"}}},"required":["days","unit","places"]}""";

        var reply = await client.GenerateAsync(client.Sandbox.AddKey(), $$"""{"contents":[{"parts":[{"text":"Weather?"}]}],"tools":[{"functionDeclarations":[{"name":"f","parametersJsonSchema":{{schema}}}]}]}""");

        Assert.True(SchemaJudge.Fits(reply.Json["candidates"]![0]!["content"]!["parts"]![0]!["functionCall"]!["args"], JsonNode.Parse(schema)), reply.Text);
    }

    private static async Task AssertFitsAsync(string field, string schema)
    {
        await using var client = await SandboxClient.StartAsync();
        var key = client.Sandbox.AddKey();
        var request = Request($$"""{"responseMimeType":"application/json","{{field}}":{{schema}}}""");

        var whole = await client.GenerateAsync(key, request);
        var streamed = await client.PostAsync($"/v1beta/models/{SandboxClient.Model}:streamGenerateContent", request, key);

        Assert.True(whole.Status == 200, whole.Text);
        Assert.True(SchemaJudge.Fits(JsonNode.Parse(Text(whole.Json)), JsonNode.Parse(schema)), Text(whole.Json));
        Assert.Equal(Text(whole.Json), string.Concat(streamed.Json.AsArray().Select(Text)));
    }

    private static async Task<string> ChatAsync(SandboxClient client, SandboxKey key, string format, bool stream)
    {
        var body = $$"""{"model":"{{SandboxClient.Model}}","stream":{{(stream ? "true" : "false")}},"response_format":{{format}},"messages":[{"role":"user","content":"Say hello"}]}""";
        var reply = await client.SendAsync(HttpMethod.Post, "/v1beta/openai/chat/completions", SandboxClient.Json(body), ("Authorization", $"Bearer {key.Value}"));
        return stream
            ? string.Concat(reply.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)[..^1].Select(frame => JsonNode.Parse(frame["data: ".Length..])!["choices"]![0]!["delta"]!["content"]!.GetValue<string>()))
            : reply.Json["choices"]![0]!["message"]!["content"]!.GetValue<string>();
    }

    private static string Request(string config) => $$"""{"contents":[{"role":"user","parts":[{"text":"Say hello"}]}],"generationConfig":{{config}}}""";

    private static string Text(JsonNode? response) => response!["candidates"]![0]!["content"]!["parts"]![0]!["text"]!.GetValue<string>();
}
