using System.Text.Json;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What an upload says about its file before the bytes.</summary>
internal sealed record UploadMetadata(string? Id, string? DisplayName, string MimeType)
{
    public static async Task<(UploadMetadata? Metadata, GeminiError? Error)> ReadAsync(Stream body, string? mimeType, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        await body.CopyToAsync(bytes, cancellationToken);
        try
        {
            var file = bytes.Length == 0 ? null : JsonNode.Parse(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)).Field("file");
            var name = file.Text("name");
            return (new(
                name?[(name.LastIndexOf('/') + 1)..], file.Text("displayName"),
                mimeType ?? file.Text("mimeType") ?? "application/octet-stream"), null);
        }
        catch (JsonException)
        {
            return (null, GeminiErrors.InvalidArgument("Metadata part is not valid JSON."));
        }
    }
}
