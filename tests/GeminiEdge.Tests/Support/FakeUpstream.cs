using System.Collections.Concurrent;
using System.Net.Http.Headers;

namespace GeminiEdge.Tests.Support;

/// <summary>One attempt as the upstream sees it.</summary>
internal sealed record UpstreamCall(HttpRequestMessage Request, string Key, CancellationToken Cancelled)
{
    public string Path => Request.RequestUri!.PathAndQuery;

    /// <summary>Takes the request's bytes, as a server does before it works on them.</summary>
    public Task ReadBodyAsync() => Request.Content?.CopyToAsync(Stream.Null, Cancelled) ?? Task.CompletedTask;

    /// <summary>No answer, until the edge loses its patience or its caller.</summary>
    public async Task<HttpResponseMessage> StaySilentAsync()
    {
        var silence = new TaskCompletionSource<HttpResponseMessage>();
        await using var end = Cancelled.UnsafeRegister(_ => silence.TrySetCanceled(Cancelled), null);
        return await silence.Task;
    }
}

/// <summary>An upstream without sockets: the test answers each attempt.</summary>
internal sealed class FakeUpstream(Func<UpstreamCall, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    private readonly ConcurrentQueue<string> _keys = new();

    public FakeUpstream(Func<UpstreamCall, HttpResponseMessage> answer)
        : this(call => Task.FromResult(answer(call)))
    {
    }

    /// <summary>The key of each attempt so far, in order.</summary>
    public IReadOnlyList<string> Keys => [.. _keys];

    public void Forget() => _keys.Clear();

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var key = request.Headers.TryGetValues("x-goog-api-key", out var values)
            ? values.Single()
            : AuthenticationHeaderValue.Parse(request.Headers.NonValidated["Authorization"].ToString()).Parameter!;
        _keys.Enqueue(key);
        return answer(new UpstreamCall(request, key, cancellationToken));
    }
}
