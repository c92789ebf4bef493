using System.IO.Compression;
using System.Net;
using GeminiEdge.Failover;
using GeminiEdge.Failover.Forwarding;

namespace GeminiEdge.Tests.Failover;

public class SentBodyTests
{
    private const int Limit = 1 << 20;

    [Fact]
    public async Task Read_CallerLeavesWhileItIsInflated_GivesItsMemoryBack()
    {
        var budget = new MemoryBudget(4 * Limit);
        for (var i = 0; i < 100; i++)
        {
            using var caller = new CancellationTokenSource();
            using var content = new LeavingContent(caller);
            content.Headers.Add("Content-Encoding", "gzip");

            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await SentBody.ReadAsync(content, Limit, budget, caller.Token));
        }

        Assert.Equal(0, budget.Used);
    }

    /// <summary>All of it is sent, and then nobody waits any more.</summary>
    private sealed class LeavingContent(CancellationTokenSource caller) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            using var compressed = new MemoryStream();
            await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            {
                await gzip.WriteAsync(new byte[Limit / 2]);
            }

            await stream.WriteAsync(compressed.ToArray());
            await caller.CancelAsync();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
