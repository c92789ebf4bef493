using System.Collections.Concurrent;
using System.Globalization;
using System.Net;

namespace GeminiEdge.Tests.Fleet;

/// <summary>The way from an edge to its storage: records the rows that are written, and breaks on demand.</summary>
internal sealed class StorageLink(HttpMessageHandler storage) : DelegatingHandler(storage)
{
    private readonly ConcurrentQueue<(DateTimeOffset Time, string Body, bool Done)> _writes = new();
    private int _begun;

    /// <summary>What happens instead of a write; null lets it through.</summary>
    public Func<CancellationToken, Task<HttpResponseMessage>>? Fault { get; set; }

    /// <summary>The writes that have ended: when on the edge's clock they began, and what was written.</summary>
    public IReadOnlyList<(DateTimeOffset Time, string Body, bool Done)> Writes => [.. _writes];

    /// <summary>The writes that reached the storage.</summary>
    public int Done => _writes.Count(write => write.Done);

    /// <summary>The writes that have begun.</summary>
    public int Begun => Volatile.Read(ref _begun);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Method != HttpMethod.Put)
        {
            return await base.SendAsync(request, cancellationToken);
        }

        Interlocked.Increment(ref _begun);
        var time = DateTimeOffset.ParseExact(request.Headers.GetValues("x-ms-date").Single(), "R", CultureInfo.InvariantCulture);
        var body = await request.Content!.ReadAsStringAsync(cancellationToken);
        var isDone = false;
        try
        {
            var response = Fault is { } fault ? await fault(cancellationToken) : await base.SendAsync(request, cancellationToken);
            isDone = response.IsSuccessStatusCode;
            return response;
        }
        finally
        {
            _writes.Enqueue((time, body, isDone));
        }
    }

    public static Task<HttpResponseMessage> AnswerAsync(HttpStatusCode status) => Task.FromResult(new HttpResponseMessage(status) { Content = new StringContent("<Error/>") });

    public static async Task<HttpResponseMessage> HangAsync(CancellationToken cancellationToken)
    {
        var silence = new TaskCompletionSource<HttpResponseMessage>();
        await using var end = cancellationToken.UnsafeRegister(_ => silence.TrySetCanceled(cancellationToken), null);
        return await silence.Task;
    }
}
