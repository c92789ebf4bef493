using GeminiEdge.Failover.Keys;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Keys;

public class GateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Gate _gate;

    public GateTests() => _gate = new Gate(_time);

    [Fact]
    public void TryEnter_New_LetsOneIn()
    {
        Assert.True(_gate.IsOpen);
        Assert.NotEqual(0, _gate.TryEnter());
        Assert.Equal(0, _gate.TryEnter());
        Assert.False(_gate.IsOpen);
    }

    [Fact]
    public void TryEnter_HolderIsSilent_LetsTheNextInAfterTenSeconds()
    {
        var first = _gate.TryEnter();

        _time.Advance(TimeSpan.FromSeconds(9.999));
        Assert.Equal(0, _gate.TryEnter());
        Assert.Equal(TimeSpan.FromMilliseconds(1), _gate.OpensIn);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.NotEqual(first, _gate.TryEnter());
    }

    [Fact]
    public void Leave_ByHolder_OpensAtOnce()
    {
        _gate.Leave(_gate.TryEnter());

        Assert.NotEqual(0, _gate.TryEnter());
    }

    [Fact]
    public void Reset_WhileSomeoneTries_LetsTheNextIn()
    {
        _gate.TryEnter();

        _gate.Reset();

        Assert.Equal((true, TimeSpan.Zero), (_gate.IsOpen, _gate.HeldFor));
        Assert.NotEqual(0, _gate.TryEnter());
    }

    [Fact]
    public void Leave_ByReplacedHolder_LeavesTheSuccessorIn()
    {
        var late = _gate.TryEnter();
        _time.Advance(Gate.LongestHold);
        _gate.TryEnter();

        _gate.Leave(late);

        Assert.False(_gate.IsOpen);
    }

    [Fact]
    public void Close_AgainAndAgain_DoublesFromOneSecondToThirty()
    {
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 30, 30 })
        {
            _gate.Close(_gate.TryEnter());

            Assert.Equal(TimeSpan.FromSeconds(seconds), _gate.OpensIn);
            _time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromTicks(1));
            Assert.Equal(0, _gate.TryEnter());
            _time.Advance(TimeSpan.FromTicks(1));
        }
    }

    [Fact]
    public void Close_ByReplacedHolder_StillCounts()
    {
        var late = _gate.TryEnter();
        _time.Advance(Gate.LongestHold);
        var successor = _gate.TryEnter();

        _gate.Close(late);
        _gate.Leave(successor);

        Assert.Equal(TimeSpan.FromSeconds(1), _gate.OpensIn);
    }

    [Fact]
    public void Reset_AfterClosures_OpensAndBeginsAgainWithOneSecond()
    {
        _gate.Close(_gate.TryEnter());
        _time.Advance(TimeSpan.FromSeconds(1));
        _gate.Close(_gate.TryEnter());

        _gate.Reset();

        Assert.True(_gate.IsOpen);
        _gate.Close(_gate.TryEnter());
        Assert.Equal(TimeSpan.FromSeconds(1), _gate.OpensIn);
    }

    public static TheoryData<string> Ends => ["left", "failed", "proved", "told"];

    [Theory]
    [MemberData(nameof(Ends))]
    public void News_OfATry_CompletesWhenItHasEndedHowever(string how)
    {
        var holder = _gate.TryEnter();
        var news = _gate.News;
        Assert.Same(news, _gate.News);
        Assert.False(news.IsCompleted);

        End(how, holder);

        Assert.True(news.IsCompletedSuccessfully);
        Assert.False(_gate.News.IsCompleted);
    }

    [Fact]
    public void News_TheHolderIsSilent_IsNone()
    {
        _gate.TryEnter();
        var news = _gate.News;

        _time.Advance(Gate.LongestHold);

        Assert.False(news.IsCompleted);
    }

    private void End(string how, int holder)
    {
        switch (how)
        {
            case "left":
                _gate.Leave(holder);
                break;
            case "failed":
                _gate.Close(holder);
                break;
            case "proved":
                _gate.Reset();
                break;
            default:
                _gate.Tell();
                break;
        }
    }
}
