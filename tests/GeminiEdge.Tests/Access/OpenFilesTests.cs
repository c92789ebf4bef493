using GeminiEdge.Access;

namespace GeminiEdge.Tests.Access;

/// <summary>The limit in earnest is in DescriptorTests.</summary>
public class OpenFilesTests
{
    // Each caller takes two files, and 64 are kept for everything else; a few callers get in always.
    [Theory]
    [InlineData(1024, 100, 430)]
    [InlineData(1024, 101, 429)]
    [InlineData(1_048_576, 200, 524_156)]
    [InlineData(256, 240, 8)]
    [InlineData(182, 100, 9)]
    [InlineData(180, 100, 8)]
    [InlineData(64, 1000, 8)]
    [InlineData(0, 0, 8)]
    [InlineData(long.MaxValue, 100, int.MaxValue)]
    public void Connections_OfALimit_AreHalfOfWhatIsLeft(long limit, int open, int connections) => Assert.Equal(connections, OpenFiles.Connections(limit, open));

    [Fact]
    public void Connections_OfThisProcess_AreKnownWhereTheSystemTells() => Assert.Equal(OperatingSystem.IsLinux(), OpenFiles.Connections() is >= 8);
}
