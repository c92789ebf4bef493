using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Verdicts;

public class CallKindsTests
{
    [Fact]
    public void Name_OfEachKind_IsThePublicOne() => Assert.Equal(
        "generate grounded count embed media batch cache file interaction openai other", string.Join(' ', Enum.GetValues<CallKind>().Select(kind => kind.Name())));

    [Fact]
    public void All_HoldsEachKind() => Assert.All(Enum.GetValues<CallKind>(), kind => Assert.True(CallKinds.All.Contains(kind)));

    [Fact]
    public void Of_SomeKinds_HoldsThoseAlone()
    {
        var kinds = CallKinds.Of(CallKind.Embed, CallKind.Other, CallKind.Embed) | CallKinds.Of(CallKind.Generate, CallKind.Other);

        Assert.Equal([CallKind.Generate, CallKind.Embed, CallKind.Other], Enum.GetValues<CallKind>().Where(kinds.Contains));
    }
}
