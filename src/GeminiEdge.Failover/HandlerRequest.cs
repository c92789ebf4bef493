using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Overload;

namespace GeminiEdge.Failover;

/// <summary>A request that an SDK in this process sends.</summary>
internal sealed class HandlerRequest(HttpRequestMessage from, CancellationToken aborted) : ForwardRequest
{
    private Stream? _body;

    public override CancellationToken Aborted => aborted;

    public override TimeSpan? ServerTimeout => Seconds(Header("x-server-timeout"));

    public override bool IsSdkRetry => SdkRetry.IsMarked(Header(SdkRetry.CountHeader), Header(SdkRetry.ClientHeader));

    /// <summary>Opens the body that is not buffered; <see cref="OpenBody"/> gives it to the attempt.</summary>
    public async ValueTask OpenAsync() => _body = from.Content is null ? Stream.Null : await from.Content.ReadAsStreamAsync(aborted);

    public override (Stream Bytes, long? Length) OpenBody() => (_body!, from.Content is null ? 0 : from.Content.Headers.ContentLength);

    public override void CopyHeadersTo(HttpRequestMessage to)
    {
        foreach (var (name, values) in from.Headers.NonValidated)
        {
            if (HeaderRules.Pass(name))
            {
                to.Headers.TryAddWithoutValidation(name, values);
            }
        }

        if (to.Content is null || from.Content is null)
        {
            return;
        }

        foreach (var name in HeaderRules.OfContent(Call))
        {
            if (from.Content.Headers.NonValidated.TryGetValues(name, out var values))
            {
                to.Content.Headers.TryAddWithoutValidation(name, values);
            }
        }
    }

    private string? Header(string name) => from.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
