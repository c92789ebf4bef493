using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>The newest requests, in order of arrival.</summary>
internal sealed class RequestLog(GeminiSandboxOptions options)
{
    private readonly Queue<ReceivedRequest> _requests = new();

    public IReadOnlyList<ReceivedRequest> Snapshot()
    {
        lock (_requests)
        {
            return [.. _requests];
        }
    }

    public void Clear()
    {
        lock (_requests)
        {
            _requests.Clear();
        }
    }

    public ReceivedRequest? Add(HttpContext context, Credentials credentials)
    {
        if (options.RecordedRequests <= 0)
        {
            return null;
        }

        var request = new ReceivedRequest(context, credentials, options.RecordedBodyBytes);
        lock (_requests)
        {
            _requests.Enqueue(request);
            while (_requests.Count > options.RecordedRequests)
            {
                _requests.Dequeue();
            }
        }

        return request;
    }
}
