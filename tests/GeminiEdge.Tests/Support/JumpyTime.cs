using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Support;

/// <summary>A fake clock whose wall time can be set wrong, as an operator or NTP may, while its timestamps go on.</summary>
internal class JumpyTime(DateTimeOffset? start = null) : FakeTimeProvider(start ?? new DateTimeOffset(2026, 6, 15, 19, 0, 0, TimeSpan.Zero))
{
    /// <summary>How wrong the wall clock is.</summary>
    public TimeSpan Jump { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Jump;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
