using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>What one GenerateContentResponse says: a whole answer, or one chunk of a stream.</summary>
internal sealed partial record GeminiAnswer
{
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = AnswerPiece.MaxDepth };

    /// <summary>The text parts of the candidate with index 0, without its thoughts.</summary>
    public string Text { get; init; } = "";

    /// <summary>Instead of <see cref="Text"/>, in a large answer: the parts as they are written between their quotes.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> WrittenTexts { get; private init; } = [];

    public string? Model { get; init; }

    public string? FinishReason { get; init; }

    /// <summary>What Google adds to the reason, for people.</summary>
    public string? FinishMessage { get; init; }

    /// <summary>Why the prompt was not answered at all.</summary>
    public string? BlockReason { get; init; }

    public long? PromptTokens { get; init; }

    public long? OutputTokens { get; init; }

    public long? TotalTokens { get; init; }

    /// <summary>The chunk that ends a stream says why it ends.</summary>
    public bool IsLast => FinishReason is not null || BlockReason is not null;

    /// <summary>Reads an answer; null when it is none.</summary>
    public static GeminiAnswer? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Deep);
            return document.RootElement.ValueKind == JsonValueKind.Object ? Read(document.RootElement, Texts) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Reads an answer that is too large to be copied: its texts stay where they are, and are told in <see cref="WrittenTexts"/>.</summary>
    public static GeminiAnswer? ReadLarge(ReadOnlyMemory<byte> json)
    {
        try
        {
            var outline = AnswerOutline.Of(json);
            using var document = JsonDocument.Parse(outline.Json, Deep);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return null;
            }

            var texts = Parts(Object(First(root), "content"u8))
                .Select(TextOf)
                .OfType<JsonElement>()
                .Select(text => outline.Texts[int.Parse(text.GetString()!, CultureInfo.InvariantCulture)])
                .ToImmutableArray();
            return texts.Any(text => JsonText.HasHalfPair(text.Span)) ? Read(json) : Read(root, _ => "") with { WrittenTexts = texts };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name that is half a surrogate pair. Others can read it.
            return Read(json);
        }
    }

    /// <summary>A stream tells its model and usage in many chunks; the last word counts.</summary>
    public GeminiAnswer Then(GeminiAnswer next) => next with
    {
        Model = next.Model ?? Model,
        FinishReason = next.FinishReason ?? FinishReason,
        FinishMessage = next.FinishMessage ?? FinishMessage,
        BlockReason = next.BlockReason ?? BlockReason,
        PromptTokens = next.PromptTokens ?? PromptTokens,
        OutputTokens = next.OutputTokens ?? OutputTokens,
        TotalTokens = next.TotalTokens ?? TotalTokens,
    };

    private static GeminiAnswer Read(JsonElement root, Func<JsonElement, string> texts)
    {
        var candidate = First(root);
        var usage = Object(root, "usageMetadata"u8);
        return new GeminiAnswer
        {
            Text = texts(Object(candidate, "content"u8)),
            Model = String(root, "modelVersion"u8),
            FinishReason = String(candidate, "finishReason"u8),
            FinishMessage = String(candidate, "finishMessage"u8),
            BlockReason = String(Object(root, "promptFeedback"u8), "blockReason"u8),
            PromptTokens = Number(usage, "promptTokenCount"u8),
            OutputTokens = Number(usage, "candidatesTokenCount"u8) is var output && Number(usage, "thoughtsTokenCount"u8) is { } thoughts
                ? output.GetValueOrDefault() + thoughts
                : output,
            TotalTokens = Number(usage, "totalTokenCount"u8),
        };
    }

    // Who asks for several candidates gets them mixed, in chunks of their own; one that names no index is the first.
    private static JsonElement First(JsonElement root)
    {
        if (TryGet(root, "candidates"u8, out var candidates) && candidates.ValueKind == JsonValueKind.Array)
        {
            foreach (var candidate in candidates.EnumerateArray())
            {
                if (Number(candidate, "index"u8) is null or 0)
                {
                    return candidate;
                }
            }
        }

        return default;
    }

    private static string Texts(JsonElement content)
    {
        string? only = null;
        StringBuilder? joined = null;
        foreach (var part in Parts(content))
        {
            if (TextOf(part) is not { } text)
            {
                continue;
            }

            if (only is null)
            {
                only = Mended(text);
            }
            else
            {
                (joined ??= new StringBuilder(only)).Append(Mended(text));
            }
        }

        return joined?.ToString() ?? only ?? "";
    }

    private static JsonElement.ArrayEnumerator Parts(JsonElement content) =>
        content.ValueKind == JsonValueKind.Object && TryGet(content, "parts"u8, out var parts) && parts.ValueKind == JsonValueKind.Array
            ? parts.EnumerateArray()
            : default;

    private static JsonElement? TextOf(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object
        && TryGet(part, "text"u8, out var text) && text.ValueKind == JsonValueKind.String
        && !(TryGet(part, "thought"u8, out var thought) && thought.ValueKind == JsonValueKind.True)
            ? text
            : null;

    private static JsonElement Object(JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind == JsonValueKind.Object && TryGet(element, name, out var value) && value.ValueKind == JsonValueKind.Object ? value : default;

    private static string? String(JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind == JsonValueKind.Object && TryGet(element, name, out var value) && value.ValueKind == JsonValueKind.String ? Mended(value) : null;

    private static bool TryGet(JsonElement element, ReadOnlySpan<byte> name, out JsonElement value)
    {
        try
        {
            return element.TryGetProperty(name, out value);
        }
        catch (InvalidOperationException)
        {
            // A name beside it is half a surrogate pair: it is none that is asked for.
            return TryFind(element, name, out value);
        }
    }

    private static bool TryFind(JsonElement element, ReadOnlySpan<byte> name, out JsonElement value)
    {
        var found = false;
        value = default;
        foreach (var property in element.EnumerateObject())
        {
            try
            {
                (found, value) = property.NameEquals(name) ? (true, property.Value) : (found, value);
            }
            catch (InvalidOperationException)
            {
                // This is the one.
            }
        }

        return found;
    }

    private static string Mended(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair: the letter is lost, the rest of the answer is not.
            using var mended = JsonDocument.Parse(HalfPair().Replace(value.GetRawText(), static half => half.Groups[1].Success ? half.Value : "\\ufffd"));
            return mended.RootElement.GetString()!;
        }
    }

    // What is whole is matched first: an escaped backslash, before which no escape begins, and two halves that belong together.
    [GeneratedRegex(@"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}", RegexOptions.CultureInvariant)]
    private static partial Regex HalfPair();

    private static long? Number(JsonElement element, ReadOnlySpan<byte> name) =>
        element.ValueKind == JsonValueKind.Object && TryGet(element, name, out var value)
        && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;
}
