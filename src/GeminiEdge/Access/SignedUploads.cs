using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace GeminiEdge.Access;

/// <summary>
/// Lets the rest of an upload in that comes without a key: clients send the bytes to the URL they were given, and no
/// credential with them. What the edge signed is that one upload's address; nothing else can be done with it.
/// </summary>
internal sealed class SignedUploads(KeyRefresher keys, TimeProvider time)
{
    public const string Refusal =
        "The signature of this upload URL doesn't fit, or its 24 hours are over. Start the upload again, or send one of the keys of the setting GEMINI_EDGE_CLIENT_KEYS as x-goog-api-key.";

    /// <summary>What a request carries that claims to be the rest of an upload; null of any other.</summary>
    public static UploadTicket? TicketOf(HttpContext context)
    {
        var request = context.Request;
        var (path, query) = RawTarget.Split(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        return path.StartsWith(NativePath.Upload, StringComparison.Ordinal) && SendsOn(request) && UploadTicket.Read(path, query) is { IsSigned: true } ticket
            ? ticket
            : null;
    }

    public async ValueTask<bool> AdmitsAsync(UploadTicket ticket, CancellationToken cancellationToken) =>
        !ticket.HasExpired(time.GetUtcNow()) && ticket.IsSignedBy(await keys.CurrentAsync(cancellationToken));

    // Bytes, a question or the end of it; never the start of another.
    private static bool SendsOn(HttpRequest request) =>
        (HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method) || HttpMethods.IsDelete(request.Method))
        && !$"{request.Headers["X-Goog-Upload-Command"]}".Split(',').Any(command => command.Trim().Equals("start", StringComparison.OrdinalIgnoreCase));
}
