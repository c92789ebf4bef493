using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace GeminiEdge.Failover.Verdicts;

/// <summary>Reads the four shapes of an upstream error: object, one-element array, string-coded, and not JSON at all.</summary>
internal static class UpstreamErrorParser
{
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 64 };

    // Longer ones would be cut anyway, and doubles hold more than a TimeSpan can.
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    /// <summary>Never throws: what can't be read is <see cref="UpstreamError.Unreadable"/>.</summary>
    public static UpstreamError Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Lenient);
            return TryReadError(document.RootElement, out var error) ? Read(error) : UpstreamError.Unreadable;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a name that is half a surrogate pair.
            return UpstreamError.Unreadable;
        }
    }

    private static bool TryReadError(JsonElement root, out JsonElement error)
    {
        if (root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 1)
        {
            root = root[0];
        }

        error = default;
        return root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("error", out error)
            && error.ValueKind == JsonValueKind.Object;
    }

    private static UpstreamError Read(JsonElement error)
    {
        var code = error.TryGetProperty("code", out var c) ? c : default;
        var result = new UpstreamError
        {
            Code = code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var number) ? number : null,
            Status = Text(error, "status") ?? (code.ValueKind == JsonValueKind.String ? code.GetString() : null),
            Word = code.ValueKind == JsonValueKind.String ? code.GetString() : null,
            Message = Text(error, "message") ?? "",
        };
        if (!error.TryGetProperty("details", out var details) || details.ValueKind != JsonValueKind.Array)
        {
            return result;
        }

        foreach (var detail in details.EnumerateArray())
        {
            if (detail.ValueKind == JsonValueKind.Object)
            {
                result = ReadDetail(result, detail);
            }
        }

        // Some refusals name their quota there alone.
        return result.NamedQuota is { } quota && result.Quotas.All(named => named is { Id: "", Metric: "" }) ? result with { Quotas = [quota] } : result;
    }

    private static UpstreamError ReadDetail(UpstreamError error, JsonElement detail)
    {
        var type = Text(detail, "@type") ?? "";
        return type[(type.LastIndexOf('.') + 1)..] switch
        {
            "ErrorInfo" => error with
            {
                Reason = error.Reason ?? Text(detail, "reason"),
                Consumer = error.Consumer ?? Project(detail),
                NamedQuota = error.NamedQuota ?? NamedQuota(detail),
            },
            "BadRequest" => error with { HasFieldViolations = error.HasFieldViolations || HasItems(detail, "fieldViolations") },
            "QuotaFailure" => error with { Quotas = error.Quotas.AddRange(Violations(detail)) },
            "RetryInfo" => error with { RetryDelay = error.RetryDelay ?? Duration(Text(detail, "retryDelay")) },
            _ => error,
        };
    }

    private static JsonElement? Metadata(JsonElement detail) =>
        detail.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object ? metadata : null;

    private static QuotaViolation? NamedQuota(JsonElement detail) =>
        Metadata(detail) is { } metadata && (Text(metadata, "quota_limit") ?? Text(metadata, "quota_metric")) is { Length: > 0 }
            ? new QuotaViolation(Text(metadata, "quota_limit") ?? "", Number(metadata, "quota_limit_value"), Text(metadata, "quota_metric") ?? "")
            : null;

    private static string? Project(JsonElement detail)
    {
        var consumer = Metadata(detail) is { } metadata ? Text(metadata, "consumer") : null;

        // A suspended consumer is named by its key ("api_key:AIza…"): that is no project, and must not be kept.
        return consumer is not null && consumer.StartsWith("projects/", StringComparison.Ordinal) ? consumer : null;
    }

    private static ImmutableArray<QuotaViolation> Violations(JsonElement detail)
    {
        if (!HasItems(detail, "violations"))
        {
            return [];
        }

        return
        [
            .. detail.GetProperty("violations").EnumerateArray()
                .Where(violation => violation.ValueKind == JsonValueKind.Object)
                .Select(violation => new QuotaViolation(
                    Text(violation, "quotaId") ?? "", Number(violation, "quotaValue"), Text(violation, "quotaMetric") ?? "")),
        ];
    }

    private static bool HasItems(JsonElement element, string name) =>
        element.TryGetProperty(name, out var items) && items.ValueKind == JsonValueKind.Array && items.GetArrayLength() > 0;

    private static string? Text(JsonElement element, string name)
    {
        try
        {
            return element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Bytes that are not UTF-8, or half a surrogate pair: this text is lost, what stands beside it is not.
            return null;
        }
    }

    private static long? Number(JsonElement element, string name)
    {
        // int64 is a string in protobuf's JSON; a plain number is accepted too.
        if (element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number)
        {
            return value.TryGetInt64(out var number) ? number : null;
        }

        return long.TryParse(Text(element, name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
    }

    /// <summary>Reads protobuf's JSON duration ("19s", "0.5s"); negative ones, NaN and garbage are none.</summary>
    private static TimeSpan? Duration(string? text) =>
        text is not null
        && text.EndsWith('s')
        && double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds >= 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, LongestDelay.TotalSeconds))
            : null;
}
