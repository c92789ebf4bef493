namespace GeminiEdge.Tests.Sandbox;

/// <summary>What Google's parser refuses, in its words.</summary>
public class FieldTypeTests
{
    private const string Contents = "\"contents\":[{\"parts\":[{\"text\":\"Hi\"}]}]";

    [Theory]
    [InlineData("\"generationConfig\":{\"temperature\":\"hot\"}", "generation_config.temperature", "Invalid value at 'generation_config.temperature' (TYPE_FLOAT), \"hot\"")]
    [InlineData("\"generation_config\":{\"top_p\":true}", "generation_config.top_p", "Invalid value at 'generation_config.top_p' (TYPE_FLOAT), true")]
    [InlineData("\"generationConfig\":{\"seed\":3812238859}", "generation_config.seed", "Invalid value at 'generation_config.seed' (TYPE_INT32), 3812238859")]
    [InlineData("\"generationConfig\":{\"maxOutputTokens\":1.5}", "generation_config.max_output_tokens", "Invalid value at 'generation_config.max_output_tokens' (TYPE_INT32), 1.5")]
    [InlineData("\"generationConfig\":{\"responseLogprobs\":\"perhaps\"}", "generation_config.response_logprobs", "Invalid value at 'generation_config.response_logprobs' (TYPE_BOOL), \"perhaps\"")]
    [InlineData("\"generationConfig\":{\"stopSequences\":[\"a\",7]}", "generation_config.stop_sequences[1]", "Invalid value at 'generation_config.stop_sequences[1]' (TYPE_STRING), 7")]
    [InlineData("\"generationConfig\":{\"temperature\":[1]}", "generation_config", "Invalid JSON payload received. Unknown name \"temperature\" at 'generation_config': Proto field is not repeating, cannot start list.")]
    [InlineData("\"generationConfig\":{\"temperature\":{}}", "generation_config", "Invalid value at 'generation_config' (temperature), Starting an object on a scalar field")]
    [InlineData("\"generationConfig\":{\"tempreature\":1}", "generation_config", "Invalid JSON payload received. Unknown name \"tempreature\" at 'generation_config': Cannot find field.")]
    [InlineData("\"generationConfig\":{\"responseSchema\":{\"type\":\"STRNG\"}}", "generation_config.response_schema.type", "Invalid value at 'generation_config.response_schema.type' (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), \"STRNG\"")]
    [InlineData("\"generationConfig\":{\"responseSchema\":{\"type\":\"OBJECT\",\"properties\":{\"a\":{\"type\":\"STRING\"},\"b\":{\"const\":1}}}}", "generation_config.response_schema.properties[1].value", "Invalid JSON payload received. Unknown name \"const\" at 'generation_config.response_schema.properties[1].value': Cannot find field.")]
    [InlineData("\"generationConfig\":{\"responseSchema\":{\"type\":[\"STRING\",\"NULL\"]}}", "generation_config.response_schema", "Invalid JSON payload received. Unknown name \"type\" at 'generation_config.response_schema': Proto field is not repeating, cannot start list.")]
    [InlineData("\"systemInstruction\":\"Be brief.\"", "system_instruction", "Invalid value at 'system_instruction' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content), \"Be brief.\"")]
    [InlineData("\"tools\":[{\"functionDeclarations\":[{\"name\":{}}]}]", "tools[0].function_declarations[0]", "Invalid value at 'tools[0].function_declarations[0]' (name), Starting an object on a scalar field")]
    [InlineData("\"tools\":[{\"functionDeclarations\":[{\"name\":\"f\",\"parameters\":{\"type\":\"OBJECT\",\"additionalProperties\":false}}]}]", "tools[0].function_declarations[0].parameters", "Invalid JSON payload received. Unknown name \"additionalProperties\" at 'tools[0].function_declarations[0].parameters': Cannot find field.")]
    public async Task Generate_FieldOfAnotherType_Answers400AndNamesIt(string member, string field, string message)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.GenerateAsync(client.Sandbox.AddKey(), $"{{{Contents},{member}}}");

        Assert.Equal((400, "INVALID_ARGUMENT", message), (reply.Status, reply.Error["status"]!.GetValue<string>(), reply.Message));
        var violation = Assert.Single(reply.Error["details"]![0]!["fieldViolations"]!.AsArray())!;
        Assert.Equal((field, message), (violation["field"]!.GetValue<string>(), violation["description"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData("{\"contents\":[{\"parts\":[{\"text\":1}]}]}", "Invalid value at 'contents[0].parts[0].text' (TYPE_STRING), 1")]
    [InlineData("{\"contents\":[{\"parts\":{\"role\":\"user\"}}]}", "Invalid JSON payload received. Unknown name \"role\" at 'contents[0].parts': Cannot find field.")]
    [InlineData("{\"contents\":\"Hi\"}", "Invalid value at 'contents' (type.googleapis.com/google.ai.generativelanguage.v1beta.Content), \"Hi\"")]
    [InlineData("{\"contents\":[{\"parts\":[{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"%%%\"}}]}]}", "Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding failed for \"%%%\"")]
    [InlineData("{\"contents\":[{\"parts\":[{\"text\":\"Hi\",\"txt\":\"\"}],\"rol\":\"\"}],\"foo\":1}", "Invalid JSON payload received. Unknown name \"txt\" at 'contents[0].parts[0]': Cannot find field.\nInvalid JSON payload received. Unknown name \"rol\" at 'contents[0]': Cannot find field.\nInvalid JSON payload received. Unknown name \"foo\": Cannot find field.")]
    public async Task Generate_ContentsOfAnotherType_Answer400(string body, string message)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.GenerateAsync(client.Sandbox.AddKey(), body);

        Assert.Equal((400, message), (reply.Status, reply.Message));
    }

    [Theory]
    [InlineData("\"generationConfig\":{\"temperature\":\"0.5\",\"topK\":\"40\",\"seed\":7,\"candidateCount\":1.0,\"thinkingConfig\":{\"thinkingBudget\":0,\"includeThoughts\":true}}")]
    [InlineData("\"generationConfig\":{\"responseMimeType\":null,\"responseSchema\":null,\"stopSequences\":\"one\",\"mediaResolution\":\"MEDIA_RESOLUTION_LOW\",\"responseModalities\":[\"TEXT\"]}")]
    [InlineData("\"system_instruction\":{\"parts\":{\"text\":\"Be brief.\"}},\"safetySettings\":[{\"category\":\"HARM_CATEGORY_HARASSMENT\",\"threshold\":\"BLOCK_NONE\"}],\"labels\":{\"a\":\"b\"}")]
    [InlineData("\"tools\":[{\"google_search\":{}},{\"codeExecution\":{}}],\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"auto\"}}")]
    public async Task Generate_WhatGoogleTakes_IsAnswered(string members)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.GenerateAsync(client.Sandbox.AddKey(), $"{{{Contents},{members}}}");

        Assert.True(reply.Status == 200, reply.Text);
    }

    [Theory]
    [InlineData("models/gemini-embedding-001:embedContent", "{\"content\":{\"parts\":[{\"text\":\"Hi\"}]},\"outputDimensionality\":\"many\"}", "output_dimensionality' (TYPE_INT32), \"many\"")]
    [InlineData("models/gemini-flash-latest:countTokens", "{\"generateContentRequest\":{\"contents\":[{\"parts\":[{\"text\":7}]}]}}", "'generate_content_request.contents[0].parts[0].text' (TYPE_STRING), 7")]
    [InlineData("cachedContents", "{\"model\":\"models/gemini-flash-latest\",\"contents\":[{\"role\":1}]}", "'contents[0].role' (TYPE_STRING), 1")]
    [InlineData("models/gemini-flash-latest:batchGenerateContent", "{\"batch\":{\"inputConfig\":{\"requests\":[]}}}", "Proto field is not repeating, cannot start list.")]
    public async Task OtherMethods_FieldOfAnotherType_Answer400(string path, string body, string message)
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.PostAsync($"/v1beta/{path}", body, client.Sandbox.AddKey());

        Assert.Equal(400, reply.Status);
        Assert.Contains(message, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chat_FieldOfAnotherType_Answers400InAnArray()
    {
        await using var client = await SandboxClient.StartAsync();

        var reply = await client.SendAsync(HttpMethod.Post, "/v1beta/openai/chat/completions",
            SandboxClient.Json($$"""{"model":"{{SandboxClient.Model}}","temperature":"hot","messages":[{"role":"user","content":"Hi"}]}"""), ("Authorization", $"Bearer {client.Sandbox.AddKey().Value}"));

        Assert.Equal((400, true, "Invalid value at 'temperature' (TYPE_FLOAT), \"hot\""), (reply.Status, reply.Text.StartsWith('['), reply.Message));
    }
}
