using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>A request as the sandbox received it.</summary>
public sealed class ReceivedRequest
{
    private readonly Lock _lock = new();
    private readonly int _bound;
    private byte[] _body = [];

    internal ReceivedRequest(HttpContext context, Credentials credentials, int bound)
    {
        _bound = bound;
        Method = context.Request.Method;
        Target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        Headers = new Dictionary<string, StringValues>(context.Request.Headers, StringComparer.OrdinalIgnoreCase);
        (Key, CredentialCount) = (credentials.Value, credentials.Count);
    }

    /// <summary>The method, in capitals.</summary>
    public string Method { get; }

    /// <summary>Path and query exactly as they stood in the request line.</summary>
    public string Target { get; }

    /// <summary>The headers; names in any case.</summary>
    public IReadOnlyDictionary<string, StringValues> Headers { get; }

    /// <summary>The first credential presented, whether known or not.</summary>
    public string? Key { get; }

    /// <summary>How many credentials were presented: headers and query together.</summary>
    public int CredentialCount { get; }

    /// <summary>The beginning of the body, as far as it has been read and up to <see cref="GeminiSandboxOptions.RecordedBodyBytes"/>.</summary>
    public ReadOnlyMemory<byte> Body
    {
        get
        {
            lock (_lock)
            {
                return _body;
            }
        }
    }

    /// <summary>How many bytes of the body have been read.</summary>
    public long BodyLength { get; private set; }

    internal void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            BodyLength += bytes.Length;
            var kept = bytes[..Math.Min(bytes.Length, Math.Max(0, _bound - _body.Length))];
            if (kept.Length > 0)
            {
                _body = [.. _body, .. kept];
            }
        }
    }
}
