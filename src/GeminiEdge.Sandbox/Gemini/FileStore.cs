using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Uploaded files: what is known about them, not their bytes. Each belongs to a project and lives 48 hours.</summary>
internal sealed class FileStore(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(48);
    private readonly ProjectResources _files = new(time);

    public Task<GeminiError?> ListAsync(SandboxCall call)
    {
        var page = Paging.Of(call.Request, _files.List(call.Key.Project), 10, 100);
        return page.Error is { } error ? Task.FromResult<GeminiError?>(error) : call.AnswerAsync(page.ToJson("files", file => file));
    }

    public Task<GeminiError?> GetAsync(SandboxCall call) => _files.Find(call.Route.Name!, call.Key.Project) is { } file
        ? call.AnswerAsync(file)
        : Task.FromResult<GeminiError?>(GeminiErrors.FileDenied(call.Route.Name!));

    public Task<GeminiError?> DeleteAsync(SandboxCall call) => _files.Remove(call.Route.Name!, call.Key.Project)
        ? call.AnswerAsync(new JsonObject())
        : Task.FromResult<GeminiError?>(GeminiErrors.FileDenied(call.Route.Name!));

    /// <summary>The error for the first file of another project that a request refers to; other addresses are not looked at.</summary>
    public GeminiError? Check(JsonObject request, SandboxKey key) => request.Items("contents")
        .SelectMany(content => content.Items("parts"))
        .Select(part => FileId(part.Field("fileData").Text("fileUri")))
        .Where(id => id is not null && _files.Find(id, key.Project) is null)
        .Select(id => GeminiErrors.FileDenied(id!))
        .FirstOrDefault();

    /// <summary>Adds what an upload brought; null when the name it asked for is taken.</summary>
    public JsonObject? Add(UploadMetadata metadata, string project, long size, ReadOnlySpan<byte> sha256)
    {
        var id = metadata.Id ?? KeyGenerator.NewResourceId();
        var now = _files.Now;
        var file = new JsonObject { ["name"] = $"files/{id}" };
        if (metadata.DisplayName is { } displayName)
        {
            file["displayName"] = displayName;
        }

        file["mimeType"] = metadata.MimeType;
        file["sizeBytes"] = size.ToString(CultureInfo.InvariantCulture);
        file["createTime"] = ProjectResources.Timestamp(now);
        file["updateTime"] = ProjectResources.Timestamp(now);
        file["expirationTime"] = ProjectResources.Timestamp(now + Lifetime);
        // The service encodes the digest twice: base64 of its hexadecimal text.
        file["sha256Hash"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(sha256)));
        file["uri"] = $"https://{GeminiErrors.Service}/v1beta/files/{id}";
        file["state"] = "ACTIVE";
        file["source"] = "UPLOADED";
        return _files.TryPut(id, project, file, now + Lifetime) ? (JsonObject)file.DeepClone() : null;
    }

    private static string? FileId(string? uri)
    {
        var at = uri?.LastIndexOf("/files/", StringComparison.Ordinal) ?? -1;
        return at >= 0 ? uri![(at + 7)..] : uri is not null && uri.StartsWith("files/", StringComparison.Ordinal) ? uri[6..] : null;
    }
}
