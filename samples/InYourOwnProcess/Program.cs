using System.ClientModel;
using System.ClientModel.Primitives;
using GeminiEdge.Failover;
using GeminiEdge.Sandbox.Gemini;
using OpenAI;
using OpenAI.Chat;

// The failover in a process of your own: two keys, the first of them dead, and neither caller notices.
// With GEMINI_API_KEY_PRIMARY (and _SECONDARY) set it talks to Gemini, else to a simulator.
var primary = Environment.GetEnvironmentVariable("GEMINI_API_KEY_PRIMARY");
var secondary = Environment.GetEnvironmentVariable("GEMINI_API_KEY_SECONDARY");
await using var sandbox = string.IsNullOrWhiteSpace(primary) ? await GeminiSandbox.StartAsync() : null;
var options = sandbox is null
    ? new GeminiFailoverOptions { Keys = string.IsNullOrWhiteSpace(secondary) ? [primary!] : [primary!, secondary] }
    : new GeminiFailoverOptions
    {
        BaseUrl = sandbox.BaseUrl,
        Keys = [sandbox.AddKey(state: SandboxKeyState.Expired).Value, sandbox.AddKey(project: "projects/1002").Value],
    };
Console.WriteLine(sandbox is null ? "Answers come from Gemini." : "No key is set: answers come from a simulator, whose first key has expired.");

// 1. A prompt in, a text out. (An app with services calls AddGeminiFailover once: then both share one ring and one pool.)
using var gemini = new GeminiFailoverClient(options);
var answer = await gemini.GenerateAsync("Say hello");
Console.WriteLine($"GeminiFailoverClient: {answer.Text} (key …{answer.KeyId})");

// 2. Under an SDK of others, which knows nothing of it: the SDK's own key is never sent.
using var http = new HttpClient(new GeminiFailoverHandler(options));
var chat = new ChatClient("gemini-flash-latest", new ApiKeyCredential("unused"), new OpenAIClientOptions
{
    Endpoint = new Uri(options.BaseUrl, "v1beta/openai/"),
    Transport = new HttpClientPipelineTransport(http),
});
ChatCompletion completion = await chat.CompleteChatAsync("Say hello");
Console.WriteLine($"OpenAI's client: {completion.Content[0].Text}");
