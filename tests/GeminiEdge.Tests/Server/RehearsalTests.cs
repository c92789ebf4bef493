namespace GeminiEdge.Tests.Server;

/// <summary>What is answered before the first request, so that it finds all compiled.</summary>
public class RehearsalTests
{
    [Fact]
    public async Task Run_BothRoutes_AreAnswered() => Assert.Equal([200, 200], await Rehearsal.RunAsync());
}
