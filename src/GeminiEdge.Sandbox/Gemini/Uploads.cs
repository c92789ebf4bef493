using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>Uploads: resumable (start, then chunks at the address it answers), by its older protocol too, and multipart in one shot.</summary>
internal sealed class Uploads(GeminiSandboxOptions options, FileStore files, Func<Uri> baseUrl)
{
    private readonly ConcurrentDictionary<string, UploadSession> _sessions = new(StringComparer.Ordinal);
    private readonly RangedUploads _ranged = new(options, files, baseUrl);

    public async Task<GeminiError?> HandleAsync(SandboxCall call)
    {
        if (RangedUploads.Is(call.Request))
        {
            return await _ranged.HandleAsync(call);
        }

        if (call.Request.Query["upload_id"] is [{ } id])
        {
            return await ContinueAsync(call, id);
        }

        var protocol = call.Request.Headers["x-goog-upload-protocol"].ToString();
        if (protocol == "resumable" && Commands(call).SequenceEqual(["start"]))
        {
            return await StartAsync(call);
        }

        return protocol == "multipart" || call.Request.Query["uploadType"] == "multipart"
            ? await MultipartUpload.HandleAsync(call, files)
            : GeminiErrors.InvalidArgument("Upload protocol is missing or not supported.");
    }

    private async Task<GeminiError?> StartAsync(SandboxCall call)
    {
        var (metadata, error) = await UploadMetadata.ReadAsync(
            call.Request.Body, call.Request.Headers["x-goog-upload-header-content-type"], call.Context.RequestAborted);
        if (error is not null)
        {
            return error;
        }

        var id = KeyGenerator.NewUploadId();
        _sessions[id] = new(metadata!, call.Key.Project, Number(call, "x-goog-upload-header-content-length"));

        // The address repeats the query of the start, a key in it included.
        var query = call.Request.QueryString.HasValue ? call.Request.QueryString.Value + "&" : "?";
        var url = new Uri(baseUrl(), $"{call.Request.Path}{query}upload_id={id}&upload_protocol=resumable").AbsoluteUri;
        var headers = call.Response.Headers;
        headers["x-goog-upload-url"] = url;
        headers["x-goog-upload-control-url"] = url;
        headers["x-goog-upload-chunk-granularity"] = options.UploadGranularity.ToString(CultureInfo.InvariantCulture);
        headers["x-goog-upload-status"] = "active";
        headers["x-guploader-uploadid"] = id;
        call.Response.ContentLength = 0;
        return null;
    }

    private async Task<GeminiError?> ContinueAsync(SandboxCall call, string id)
    {
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
            return await ContinueAsync(call, session);
        }
        finally
        {
            session.Gate.Release();
        }
    }

    private async Task<GeminiError?> ContinueAsync(SandboxCall call, UploadSession session)
    {
        var commands = Commands(call);
        if (commands.Length == 0 || commands.Except(["upload", "finalize", "query", "cancel"]).Any())
        {
            return Refuse(call, session, "Invalid upload command.");
        }

        if (session.Status != "active" && !commands.Contains("query"))
        {
            return Refuse(call, session, "Upload has already been terminated.");
        }

        if (commands.Contains("upload"))
        {
            if (Number(call, "x-goog-upload-offset") != session.Received)
            {
                return Refuse(call, session, $"Upload offset does not match: {session.Received} bytes were received.");
            }

            await session.ReceiveAsync(call.Request.Body, call.Context.RequestAborted);
            if (!commands.Contains("finalize") && session.Received % options.UploadGranularity != 0)
            {
                return Refuse(call, session, $"Chunks must be multiples of {options.UploadGranularity} bytes, except the last.");
            }
        }

        session.Status = commands.Contains("cancel") ? "cancelled" : session.Status;
        return commands.Contains("finalize") ? await FinalizeAsync(call, session) : Acknowledge(call, session);
    }

    private async Task<GeminiError?> FinalizeAsync(SandboxCall call, UploadSession session)
    {
        if (session.DeclaredLength is { } declared && declared != session.Received)
        {
            return Refuse(call, session, $"Upload has {session.Received} bytes, but {declared} were declared.");
        }

        if (files.Add(session.Metadata, session.Project, session.Received, session.Sha256(), session.Bytes) is not { } file)
        {
            return GeminiErrors.FileExists();
        }

        session.Status = "final";
        Acknowledge(call, session);
        return await call.AnswerAsync(new JsonObject { ["file"] = file });
    }

    private static GeminiError Refuse(SandboxCall call, UploadSession session, string message)
    {
        Acknowledge(call, session);
        return GeminiErrors.InvalidArgument(message);
    }

    private static GeminiError? Acknowledge(SandboxCall call, UploadSession session)
    {
        call.Response.Headers["x-goog-upload-status"] = session.Status;
        call.Response.Headers["x-goog-upload-size-received"] = session.Received.ToString(CultureInfo.InvariantCulture);
        return null;
    }

    private static string[] Commands(SandboxCall call) => call.Request.Headers["x-goog-upload-command"].ToString()
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static long? Number(SandboxCall call, string header) =>
        long.TryParse(call.Request.Headers[header], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
