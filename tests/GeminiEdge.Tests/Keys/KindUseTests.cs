using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Tests.Keys;

public class KindUseTests
{
    private readonly KindUse _use = new();

    [Fact]
    public void Carries_NothingServedYet_IsChatAlone()
    {
        Assert.All(Enum.GetValues<CallKind>(), kind => Assert.Equal(kind is CallKind.Generate or CallKind.OpenAi, _use.Carries(kind)));
        Assert.All(Enum.GetValues<CallKind>(), kind => Assert.False(_use.Includes(kind)));
    }

    [Fact]
    public void Carries_AnotherKindAloneIsServed_IsThatOne()
    {
        Serve(CallKind.Embed, 1);

        Assert.All(Enum.GetValues<CallKind>(), kind => Assert.Equal((kind == CallKind.Embed, kind == CallKind.Embed), (_use.Carries(kind), _use.Includes(kind))));
    }

    [Theory]
    [InlineData(9, true)]
    [InlineData(10, false)]
    public void Carries_ATenthOfAllThatWasServed_IsEnough(int others, bool expected)
    {
        Serve(CallKind.Embed, 1);
        Serve(CallKind.Generate, others);

        Assert.Equal((expected, true), (_use.Carries(CallKind.Embed), _use.Includes(CallKind.Embed)));
    }

    [Theory]
    [InlineData(999, true)]
    [InlineData(1_000, false)]
    public void Includes_OneOfLongAgo_IsForgottenWithAThousandOfAnother(int others, bool expected)
    {
        Serve(CallKind.Embed, 1);
        Serve(CallKind.Generate, others);

        Assert.Equal(expected, _use.Includes(CallKind.Embed));
    }

    [Fact]
    public void Carries_AKindIsServedNoMore_ItIsForgottenByHalves()
    {
        Serve(CallKind.Embed, 999);
        Serve(CallKind.Generate, 1_000);
        Assert.True(_use.Carries(CallKind.Embed));

        // 500 of Generate now, and 499 of Embed: each further 500 halves both.
        Serve(CallKind.Generate, 1_500);
        Assert.True(_use.Carries(CallKind.Embed));
        Serve(CallKind.Generate, 500);
        Assert.False(_use.Carries(CallKind.Embed));
        Assert.True(_use.Includes(CallKind.Embed));
    }

    private void Serve(CallKind kind, int times)
    {
        for (var i = 0; i < times; i++)
        {
            _use.Add(kind);
        }
    }
}
