namespace GeminiEdge.Failover.Forwarding;

// A download is redirected, and needs the key there too: only the edge has it, so the edge follows.
internal sealed partial class Attempt
{
    private bool IsRedirect => Request.Call.Upload == UploadPhase.None && Redirect.Is(Response!);

    /// <summary>Reading can be repeated elsewhere; whatever else is redirected has perhaps been done.</summary>
    private bool MayBeFollowed => (Request.Verb == HttpMethod.Get || Request.Verb == HttpMethod.Head) && IsRedirect;

    private async ValueTask FollowAsync(UpstreamClient client)
    {
        var from = Request.PathAndQuery;
        while (Hops < Redirect.Most && Redirect.Target(Response!, from, client.BaseUrl) is { } to)
        {
            Response!.Dispose();
            Response = null;
            Hops++;
            var openAi = GeminiCallReader.Read(Request.Verb.Method, to, "", "").OpenAi;
            using var request = client.CreateRequest(Request.Verb, to, openAi, Key.Key, Content());
            Request.CopyHeadersTo(request);
            Response = await client.SendAsync(request, _cancellation.Token);
            from = to;
        }
    }
}
