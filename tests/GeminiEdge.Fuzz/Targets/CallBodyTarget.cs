using System.Text;
using System.Text.Json;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Models;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>A request line, and below it the body: what only the body tells of a call. Beside it reads System.Text.Json.</summary>
internal static class CallBodyTarget
{
    private const string Other = "gemini-fuzz-other";

    public static void Run(byte[] input)
    {
        var (line, json) = FuzzInput.FirstLine(input);
        var path = line.Split(' ')[^1];
        if (!NativePath.IsNative(path))
        {
            path = "/v1beta/openai/chat/completions";
        }

        var body = RequestBody.Of(json);
        var asked = GeminiCallReader.Read("POST", path, "", "");
        var call = CallBody.Read(asked, body);
        Promise.That(call.Model.Length <= 128, "The name of a model is short.");
        Promise.That(call.Replayable == asked.Replayable && call.Upload == asked.Upload, "A body changes nothing of what its path decides.");
        Promise.That(!asked.ProjectBound || call.ProjectBound, "A body frees no call from its project.");
        Promise.That(TextBytes.In(json) >= 0, "A text has no less than no bytes.");
        _ = ResourceName.FromAnswer(json, call);
        CheckModel(json, body);
    }

    private static void CheckModel(byte[] json, RequestBody body)
    {
        var token = CallBody.ModelToken(json);
        using var document = Document(json);
        if (document is null)
        {
            return;
        }

        var root = document.RootElement;
        var (first, isCertain) = FirstModel(root);
        Promise.That(!isCertain || first is null == token is null, "The model is found where there is one.");
        if (token is null || first is not { } named)
        {
            return;
        }

        Promise.Same(named.Value.GetRawText(), FuzzInput.Text(json.AsSpan(token.Value)), "The model's token is the value of the property.");

        var replaced = body.TryReplace(token.Value, Encoding.ASCII.GetBytes($"\"{Other}\""));
        using var changed = JsonDocument.Parse(replaced!.Memory);
        Promise.Same(Other, changed.RootElement.EnumerateObject().First(property => IsModel(property) && property.Value.ValueKind == JsonValueKind.String).Value.GetString(), "Another model stands in the place of the first.");
        Promise.Same(root.EnumerateObject().Count(), changed.RootElement.EnumerateObject().Count(), "Nothing else of the body changes.");
        CheckHalfPair(json.AsSpan(token.Value)[1..^1], named.Value);
        _ = ModelName.IsValid(ModelName.WithoutPrefix(named.Name));
    }

    /// <summary>The first property that names it; whether there is one is uncertain behind a name that is half a surrogate pair.</summary>
    private static (JsonProperty? First, bool IsCertain) FirstModel(JsonElement root)
    {
        var isCertain = true;
        foreach (var property in root.EnumerateObject())
        {
            try
            {
                if (property.NameEquals("model"u8) && property.Value.ValueKind == JsonValueKind.String)
                {
                    return (property, isCertain);
                }
            }
            catch (InvalidOperationException)
            {
                isCertain = false;
            }
        }

        return (null, isCertain);
    }

    private static bool IsModel(JsonProperty property)
    {
        try
        {
            return property.NameEquals("model"u8);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static void CheckHalfPair(ReadOnlySpan<byte> written, JsonElement value)
    {
        if (!System.Text.Unicode.Utf8.IsValid(written))
        {
            return;
        }

        var isText = true;
        try
        {
            _ = value.GetString();
        }
        catch (InvalidOperationException)
        {
            isText = false;
        }

        Promise.Same(isText, !JsonText.HasHalfPair(written), "Half a surrogate pair is what System.Text.Json makes no text of.");
    }

    private static JsonDocument? Document(byte[] json)
    {
        try
        {
            var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object && System.Text.Unicode.Utf8.IsValid(json) ? document : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
