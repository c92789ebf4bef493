using System.Net;

namespace GeminiEdge.Forwarding;

/// <summary>Sends a request body as it arrives: upload bytes are neither limited nor kept, and so never sent twice.</summary>
/// <param name="source">The caller's body.</param>
/// <param name="length">Its length, if declared.</param>
/// <param name="sent">Told when the last byte has been sent: waiting for the answer begins then.</param>
internal sealed class UploadContent(Stream source, long? length, Action sent) : HttpContent
{
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await source.CopyToAsync(stream, cancellationToken);
        sent();
    }

    protected override bool TryComputeLength(out long result)
    {
        result = length ?? 0;
        return length is not null;
    }
}
