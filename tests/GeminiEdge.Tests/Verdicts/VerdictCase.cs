using System.Text.Json;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Verdicts;

/// <summary>One row of cases.json: an upstream answer, and what the design says it means.</summary>
internal sealed record VerdictCase
{
    private const string Model = "gemini-flash-latest";
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Verdicts", "Fixtures");

    public required string Name { get; init; }

    public required string File { get; init; }

    public required int Status { get; init; }

    public string? ContentType { get; init; }

    public required string Method { get; init; }

    public int BodyBytes { get; init; }

    public string? RetryAfter { get; init; }

    /// <summary>When it comes: where nothing else matters, some noon.</summary>
    public DateTimeOffset Begin { get; init; }

    public required string Verdict { get; init; }

    public TimeSpan? Cooldown { get; init; }

    public required string Scope { get; init; }

    public byte[] Body => System.IO.File.ReadAllBytes(Path.Combine(Folder, File));

    /// <summary>The request that gets this answer.</summary>
    public (string Verb, string Path) Call => Method switch
    {
        "openai.chat" => ("POST", "/v1beta/openai/chat/completions"),
        "openai.embeddings" => ("POST", "/v1beta/openai/embeddings"),
        "files.list" => ("GET", "/v1beta/files"),
        "files.get" => ("GET", "/v1beta/files/abc"),
        "files.create" => ("POST", "/v1beta/files"),
        "files.delete" => ("DELETE", "/v1beta/files/abc"),
        "files.download" => ("GET", "/v1beta/files/abc:download?alt=media"),
        "upload" => ("POST", "/upload/v1beta/files"),
        "operations.get" => ("GET", $"/v1beta/models/{Model}/operations/abc"),
        "cachedContents.get" => ("GET", "/v1beta/cachedContents/abc"),
        "models.list" => ("GET", "/v1beta/models"),
        "interactions" => ("POST", "/v1beta/interactions"),
        var action => ("POST", $"/v1beta/models/{Model}:{action}"),
    };

    /// <summary>Its body, where it has one.</summary>
    public string? RequestBody
    {
        get
        {
            const string beginning = $$"""{"model":"{{Model}}","contents":[{"parts":[{"text":""";
            return Call.Verb == "POST" ? $"{beginning}\"{new string('x', Math.Max(1, BodyBytes - beginning.Length - 7))}\"}}]}}]}}" : null;
        }
    }

    /// <summary>Holds an attempt's line, and what the ring's only key remembers, against what the design says.</summary>
    public void AssertJudged(JsonNode attempt, KeyRing ring)
    {
        Assert.Equal(Verdict, attempt["verdict"]!.GetValue<string>());
        var health = ring.Keys.Single().Health;
        var kind = Enum.GetValues<CallKind>().Single(kind => kind.Name() == attempt["kind"]!.GetValue<string>());
        var call = new CallScope(kind, attempt["model"]?.GetValue<string>() ?? "");
        Assert.Equal(Scope, VerdictScope.Of(health, call));
        if (Cooldown is { } cooldown)
        {
            Assert.Equal(cooldown.TotalSeconds, health.Rest(call)!.Value.TotalSeconds, tolerance: 0.001);
        }
    }

    public static IReadOnlyDictionary<string, VerdictCase> All { get; } = Load();

    private static Dictionary<string, VerdictCase> Load()
    {
        using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(Path.Combine(Folder, "cases.json")));
        return document.RootElement.EnumerateArray().Select(Read).ToDictionary(row => row.Name);
    }

    private static VerdictCase Read(JsonElement row) => new()
    {
        Name = row.GetProperty("name").GetString()!,
        File = row.GetProperty("file").GetString()!,
        Status = row.GetProperty("status").GetInt32(),
        ContentType = row.TryGetProperty("contentType", out var type) ? type.GetString() : null,
        Method = row.GetProperty("method").GetString()!,
        BodyBytes = row.TryGetProperty("bodyBytes", out var size) ? size.GetInt32() : 0,
        RetryAfter = row.TryGetProperty("retryAfter", out var after) ? after.ToString() : null,
        Begin = row.TryGetProperty("now", out var now) ? now.GetDateTimeOffset() : new DateTimeOffset(2026, 11, 23, 12, 0, 0, TimeSpan.Zero),
        Verdict = row.GetProperty("verdict").GetString()!,
        Cooldown = row.TryGetProperty("cooldownSeconds", out var seconds) ? TimeSpan.FromSeconds(seconds.GetDouble()) : null,
        Scope = row.GetProperty("scope").GetString()!,
    };
}
