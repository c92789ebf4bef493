using System.Text.Json;
using GeminiEdge.Endpoints;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Models;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>A body of <c>POST /api/generate</c>, and the body that is made of it.</summary>
internal static class GenerateRequestTarget
{
    private const string DefaultModel = "gemini-flash-latest";

    public static void Run(byte[] input)
    {
        var (request, fault) = GenerateRequest.Read(input, DefaultModel);
        Promise.That(request is null != fault is null, "A body is read, or what is wrong is said.");
        if (request is null)
        {
            Promise.That(fault!.EndsWith('.') && fault.Length < 400, "What is wrong is one sentence.");
            return;
        }

        // What is accepted is JSON to everybody, and says the same there.
        using var asked = JsonDocument.Parse(input, new JsonDocumentOptions { MaxDepth = GenerateRequest.MaxDepth });
        using var budget = new MemoryBudget(1 << 20);
        var body = request.Compose(RequestBody.Of(input), budget);
        Promise.That(body is not null, "There is room for it.");
        using (var made = JsonDocument.Parse(body.Memory, new JsonDocumentOptions { MaxDepth = 2 * GenerateRequest.MaxDepth }))
        {
            Compare(asked.RootElement, made.RootElement, request);
        }

        body.Release();
        Promise.Same(0, budget.Used, "Its memory is given back.");
    }

    private static void Compare(JsonElement asked, JsonElement made, GenerateRequest request)
    {
        Promise.Same(asked.GetProperty("prompt").GetString(), Part(made.GetProperty("contents")[0]), "The prompt is what was asked.");
        Promise.Same(
            asked.TryGetProperty("system", out var system) ? system.GetString() : null,
            made.TryGetProperty("systemInstruction", out var instruction) ? Part(instruction) : null,
            "The system's text is what was asked.");
        Promise.Same(
            asked.TryGetProperty("generationConfig", out var config) ? config.GetRawText() : null,
            made.TryGetProperty("generationConfig", out var passed) ? passed.GetRawText() : null,
            "The configuration is passed byte for byte.");
        Promise.Same(asked.TryGetProperty("stream", out var stream) && stream.GetBoolean(), request.Stream, "It streams if that was asked.");
        Promise.Same(
            asked.TryGetProperty("model", out var model) ? ModelName.WithoutPrefix(model.GetString()!) : DefaultModel, request.Model, "The model is the one that was asked.");
        Promise.That(ModelName.IsValid(request.Model), "A model's name goes into a path.");
    }

    private static string? Part(JsonElement content) => content.GetProperty("parts")[0].GetProperty("text").GetString();
}
