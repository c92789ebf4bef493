using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Uploaded files. Each belongs to a project and lives 48 hours; the bytes of large ones are not kept.</summary>
internal sealed class FileStore(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(48);
    private readonly ProjectResources _files = new(time);
    private readonly ConcurrentDictionary<string, ReadOnlyMemory<byte>> _bytes = new(StringComparer.Ordinal);

    public Task<GeminiError?> ListAsync(SandboxCall call)
    {
        var page = Paging.Of(call.Request, _files.List(call.Key.Project), 10, 100);
        return page.Error is { } error ? Task.FromResult<GeminiError?>(error) : call.AnswerAsync(page.ToJson("files", file => file));
    }

    public Task<GeminiError?> GetAsync(SandboxCall call) => _files.Find(call.Route.Name!, call.Key.Project) is { } file
        ? call.AnswerAsync(file)
        : Task.FromResult<GeminiError?>(GeminiErrors.FileDenied(call.Route.Name!));

    public Task<GeminiError?> DeleteAsync(SandboxCall call)
    {
        var id = call.Route.Name!;
        if (!_files.Remove(id, call.Key.Project))
        {
            return Task.FromResult<GeminiError?>(GeminiErrors.FileDenied(id));
        }

        _bytes.TryRemove(id, out _);
        return call.AnswerAsync(new JsonObject());
    }

    /// <summary>The bytes are elsewhere: the client is sent there with the query it came with, a key in it included.</summary>
    public static Task<GeminiError?> PointToDownload(SandboxCall call)
    {
        call.Response.StatusCode = StatusCodes.Status302Found;
        call.Response.Headers.Location = $"/download{call.Request.Path}{call.Request.QueryString}";
        return Task.FromResult<GeminiError?>(null);
    }

    public Task<GeminiError?> DownloadAsync(SandboxCall call)
    {
        var id = call.Route.Name!;
        return _files.Find(id, call.Key.Project) is not { } file ? Task.FromResult<GeminiError?>(GeminiErrors.FileDenied(id))
            : !_bytes.TryGetValue(id, out var bytes) ? Task.FromResult<GeminiError?>(GeminiErrors.InvalidArgument($"The sandbox keeps the bytes of files of at most {UploadSession.KeptBytes} bytes."))
            : FileDownload.AnswerAsync(call, bytes, file.Text("mimeType")!);
    }

    /// <summary>The error for the first file of another project that a request refers to; other addresses are not looked at.</summary>
    public GeminiError? Check(JsonObject request, SandboxKey key) => request.Items("contents")
        .SelectMany(content => content.Items("parts"))
        .Select(part => FileId(part.Field("fileData").Text("fileUri")))
        .Where(id => id is not null && _files.Find(id, key.Project) is null)
        .Select(id => GeminiErrors.FileDenied(id!))
        .FirstOrDefault();

    /// <summary>Adds what an upload brought; null when the name it asked for is taken.</summary>
    /// <param name="metadata">What the upload said about it.</param>
    /// <param name="project">The project it belongs to.</param>
    /// <param name="size">How many bytes it has.</param>
    /// <param name="sha256">Their digest.</param>
    /// <param name="bytes">The bytes; null when they are too many to be kept.</param>
    public JsonObject? Add(UploadMetadata metadata, string project, long size, ReadOnlySpan<byte> sha256, ReadOnlyMemory<byte>? bytes = null)
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
        if (!_files.TryPut(id, project, file, now + Lifetime))
        {
            return null;
        }

        _bytes.TryRemove(id, out _);
        if (bytes is { } kept)
        {
            _bytes[id] = kept;
        }

        return (JsonObject)file.DeepClone();
    }

    /// <summary>Adds a file of the service's own.</summary>
    public void Add(UploadMetadata metadata, string project, byte[] bytes) => Add(metadata, project, bytes.Length, SHA256.HashData(bytes), bytes);

    /// <summary>A file's bytes by its name; null when the project has no such file, or it was too large to be kept.</summary>
    public ReadOnlyMemory<byte>? BytesOf(string name, string project) =>
        FileId(name) is { } id && _files.Find(id, project) is not null && _bytes.TryGetValue(id, out var bytes) ? bytes : default(ReadOnlyMemory<byte>?);

    private static string? FileId(string? uri)
    {
        var at = uri?.LastIndexOf("/files/", StringComparison.Ordinal) ?? -1;
        return at >= 0 ? uri![(at + 7)..] : uri is not null && uri.StartsWith("files/", StringComparison.Ordinal) ? uri[6..] : null;
    }
}
