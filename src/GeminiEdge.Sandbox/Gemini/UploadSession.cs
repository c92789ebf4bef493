using System.Buffers;
using System.Security.Cryptography;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>One resumable upload; bytes are counted, hashed and, if they are few, kept as they arrive, so a cut chunk can be continued.</summary>
internal sealed class UploadSession(UploadMetadata metadata, string project, long? declaredLength) : IDisposable
{
    /// <summary>The largest file that can be downloaded again.</summary>
    public const int KeptBytes = 8 * 1024 * 1024;

    private const int BufferBytes = 64 * 1024;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private MemoryStream? _bytes = new();

    public UploadMetadata Metadata => metadata;

    public string Project => project;

    public long? DeclaredLength => declaredLength;

    public long Received { get; private set; }

    /// <summary>What arrived; null when it is too much to be kept.</summary>
    public ReadOnlyMemory<byte>? Bytes => _bytes is { } kept ? kept.ToArray() : default(ReadOnlyMemory<byte>?);

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
                if (Received > KeptBytes)
                {
                    _bytes = null;
                }

                _bytes?.Write(buffer, 0, read);
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
