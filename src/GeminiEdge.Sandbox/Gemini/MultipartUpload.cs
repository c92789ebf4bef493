using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>An upload in one request: a part of JSON metadata, then the part that is the file.</summary>
internal static class MultipartUpload
{
    public static async Task<GeminiError?> HandleAsync(SandboxCall call, FileStore files)
    {
        var aborted = call.Context.RequestAborted;
        if (!MediaTypeHeaderValue.TryParse(call.Request.ContentType, out var type) || type.Boundary.Length == 0)
        {
            return GeminiErrors.InvalidArgument("Multipart upload without a boundary.");
        }

        var reader = new MultipartReader(HeaderUtilities.RemoveQuotes(type.Boundary).ToString(), call.Request.Body);
        try
        {
            if (await reader.ReadNextSectionAsync(aborted) is not { } head)
            {
                return GeminiErrors.InvalidArgument("Multipart upload without metadata.");
            }

            var (metadata, error) = await UploadMetadata.ReadAsync(head.Body, null, aborted);
            if (metadata is null)
            {
                return error;
            }

            if (await reader.ReadNextSectionAsync(aborted) is not { } content)
            {
                return GeminiErrors.InvalidArgument("Multipart upload without content.");
            }

            using var upload = new UploadSession(metadata with { MimeType = content.ContentType ?? metadata.MimeType }, call.Key.Project, null);
            await upload.ReceiveAsync(content.Body, aborted);
            return files.Add(upload.Metadata, upload.Project, upload.Received, upload.Sha256(), upload.Bytes) is { } file
                ? await call.AnswerAsync(new JsonObject { ["file"] = file })
                : GeminiErrors.FileExists();
        }
        catch (InvalidDataException malformed)
        {
            return GeminiErrors.InvalidArgument(malformed.Message);
        }
        catch (IOException cut) when (!aborted.IsCancellationRequested)
        {
            return GeminiErrors.InvalidArgument(cut.Message);
        }
    }
}
