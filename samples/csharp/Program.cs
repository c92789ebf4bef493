using System.ClientModel;
using System.Text;
using System.Text.Json.Nodes;
using OpenAI;
using OpenAI.Chat;

// Asks one question through OpenAI's SDK, and by Gemini's own API. Where it goes and with which key, the environment says; the SDK of
// .NET does not read OPENAI_BASE_URL by itself, as those of Python and JavaScript do.
const string Model = "gemini-flash-latest";
var question = args is [var first, ..] ? first : "Say hello";

var options = new OpenAIClientOptions { Endpoint = new Uri(Setting("OPENAI_BASE_URL")) };
var chat = new ChatClient(Model, new ApiKeyCredential(Setting("OPENAI_API_KEY")), options);
ChatCompletion completion = await chat.CompleteChatAsync(question);
Console.WriteLine($"OpenAI: {completion.Content[0].Text}");

using var http = new HttpClient { BaseAddress = new Uri(Setting("GOOGLE_GEMINI_BASE_URL")) };
http.DefaultRequestHeaders.Add("x-goog-api-key", Setting("GEMINI_API_KEY"));
var body = new JsonObject { ["contents"] = new JsonArray(new JsonObject { ["parts"] = new JsonArray(new JsonObject { ["text"] = question }) }) };
using var response = await http.PostAsync($"/v1beta/models/{Model}:generateContent", new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json"));
var answer = JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
Console.WriteLine($"HttpClient: {answer!["candidates"]![0]!["content"]!["parts"]![0]!["text"]}");

static string Setting(string name) => Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"Set {name}.");
