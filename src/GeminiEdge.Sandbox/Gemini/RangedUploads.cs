using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>
/// The older resumable protocol, <c>uploadType=resumable</c>: a start answers with a Location, to which pieces are put with
/// their Content-Range; 308 says how far it has come.
/// </summary>
internal sealed class RangedUploads(GeminiSandboxOptions options, FileStore files, Func<Uri> baseUrl)
{
    private readonly ConcurrentDictionary<string, UploadSession> _sessions = new(StringComparer.Ordinal);

    public static bool Is(HttpRequest request) => request.Query["uploadType"] == "resumable";

    public async Task<GeminiError?> HandleAsync(SandboxCall call)
    {
        if (call.Request.Query["upload_id"] is not [{ } id])
        {
            return await StartAsync(call);
        }

        if (!_sessions.TryGetValue(id, out var session))
        {
            return GeminiErrors.NoSuchEntity();
        }

        if (!session.Admits(call))
        {
            return GeminiErrors.Forbidden();
        }

        await session.Gate.WaitAsync(call.Context.RequestAborted);
        try
        {
            return call.Request.Method == "DELETE" ? Cancel(session) : await ContinueAsync(call, session);
        }
        finally
        {
            session.Gate.Release();
        }
    }

    private async Task<GeminiError?> StartAsync(SandboxCall call)
    {
        var (metadata, error) = await UploadMetadata.ReadAsync(call.Request.Body, call.Request.Headers["x-upload-content-type"], call.Context.RequestAborted);
        if (error is not null)
        {
            return error;
        }

        var declared = long.TryParse(call.Request.Headers["x-upload-content-length"], NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : (long?)null;
        var id = KeyGenerator.NewUploadId();
        _sessions[id] = new(metadata!, call.Key.Project, declared);
        call.Response.Headers.Location = new Uri(baseUrl(), $"{call.Request.Path}{call.Request.QueryString}&upload_id={id}").AbsoluteUri;
        call.Response.ContentLength = 0;
        return null;
    }

    private async Task<GeminiError?> ContinueAsync(SandboxCall call, UploadSession session)
    {
        // Without a range it is all of the file in one piece.
        var range = ContentRangeHeaderValue.TryParse(call.Request.Headers.ContentRange, out var given) ? given : null;
        var asks = range is { HasRange: false };
        if (session.Status == "active" && !asks)
        {
            if ((range?.From ?? 0) != session.Received)
            {
                return GeminiErrors.InvalidArgument($"Invalid request. {session.Received} bytes were received.");
            }

            await session.ReceiveAsync(call.Request.Body, call.Context.RequestAborted);
            var whole = range is null ? session.Received : range.Length ?? session.DeclaredLength;
            if (session.Received != whole && session.Received % options.UploadGranularity != 0)
            {
                return GeminiErrors.InvalidArgument($"Pieces must be multiples of {options.UploadGranularity} bytes, except the last.");
            }

            if (session.Received == whole)
            {
                session.File = files.Add(session.Metadata, session.Project, session.Received, session.Sha256(), session.Bytes);
                session.Status = "final";
            }
        }

        return session.Status switch
        {
            "active" => GoOn(call.Response, session),
            "final" when session.File is { } file => await call.AnswerAsync(new JsonObject { ["file"] = file.DeepClone() }),
            "final" => GeminiErrors.FileExists(),
            _ => GeminiErrors.NoSuchEntity(),
        };
    }

    private static GeminiError? GoOn(HttpResponse response, UploadSession session)
    {
        response.StatusCode = StatusCodes.Status308PermanentRedirect;
        response.ContentLength = 0;
        if (session.Received > 0)
        {
            response.Headers.Range = $"bytes=0-{session.Received - 1}";
        }

        return null;
    }

    private static GeminiError Cancel(UploadSession session)
    {
        session.Status = "cancelled";
        return new(499, "CANCELLED", "The upload was cancelled.");
    }
}
