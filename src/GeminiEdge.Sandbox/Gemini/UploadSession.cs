using System.Buffers;
using System.Security.Cryptography;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>One resumable upload; bytes are counted and hashed as they arrive, so a cut chunk can be continued.</summary>
internal sealed class UploadSession(UploadMetadata metadata, string project, long? declaredLength) : IDisposable
{
    private const int BufferBytes = 64 * 1024;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public UploadMetadata Metadata => metadata;

    public string Project => project;

    public long? DeclaredLength => declaredLength;

    public long Received { get; private set; }

    /// <summary><c>active</c>, <c>final</c> or <c>cancelled</c>.</summary>
    public string Status { get; set; } = "active";

    /// <summary>Held while a chunk is read.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    public async Task ReceiveAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                _hash.AppendData(buffer, 0, read);
                Received += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    public byte[] Sha256() => _hash.GetCurrentHash();

    public void Dispose()
    {
        _hash.Dispose();
        Gate.Dispose();
    }
}
