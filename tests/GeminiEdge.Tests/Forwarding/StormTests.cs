using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

/// <summary>Fifty requests a second on a fake clock, a calm minute, and then an upstream that is overloaded for every key.</summary>
public sealed class StormTests : PumpedTests
{
    private const int PerSecond = 50;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly List<Sent> _sent = [];
    private readonly InProcessEdge _edge;
    private Func<bool> _isOverloaded = () => false;

    private sealed record Sent(TimeSpan At, Task<EdgeAnswer> Answer)
    {
        public TimeSpan Took { get; set; }
    }

    public StormTests()
    {
        _edge = new InProcessEdge(Keys, Upstream, Time);
        Play(TimeSpan.FromMinutes(1));
        Assert.Equal((0, PerSecond * 60), (Extra, Upstream.Keys.Count));
    }

    private protected override async Task<HttpResponseMessage> AnswerAsync(UpstreamCall call)
    {
        await Task.Delay(Step, Time, call.Cancelled);
        return UpstreamAnswers.Of(_isOverloaded() ? Verdict.Overloaded : Verdict.Ok);
    }

    private protected override void Stop() => _edge.Dispose();

    private TimeSpan Now => Time.GetElapsedTime(0);

    /// <summary>Attempts of a second round and later ones.</summary>
    private int Extra => _edge.Log.Count(line => line.Contains("\"round\":", StringComparison.Ordinal));

    [Fact]
    public void TwoSecondsOfOverload_NobodyFails()
    {
        _isOverloaded = () => true;
        Play(TimeSpan.FromSeconds(2));
        _isOverloaded = () => false;
        Play(TimeSpan.FromSeconds(3));

        Assert.Equal(65 * PerSecond, Ok());
        Assert.InRange(Extra, 1, 300);
    }

    [Fact]
    public void AThirdOfAllAnswersForAMinute_NobodyFails()
    {
        var random = new Random(20261129);
        _isOverloaded = () => random.Next(3) == 0;
        Play(TimeSpan.FromMinutes(1));

        Assert.Equal(120 * PerSecond, Ok());
        Assert.InRange(Extra, 1, 600);
    }

    [Fact]
    public void AMinuteOfNothingElse_CostsTheBucketAndIsOverAtOnce()
    {
        _isOverloaded = () => true;
        var began = Now;
        Play(TimeSpan.FromMinutes(1));
        _isOverloaded = () => false;
        var ended = Now;
        var during = Extra;
        Play(TimeSpan.FromSeconds(1));
        Finish();

        // What calm has saved, and a tenth of the minute's requests. One scout a model is enough to find out.
        Assert.InRange(during, 1, 600);
        Assert.InRange(during, 1, 150);
        Assert.All(Between(began, ended - TimeSpan.FromSeconds(11)), sent => Assert.Equal((502, true), (Status(sent), sent.Took < TimeSpan.FromSeconds(10.5))));
        Assert.All(Between(ended, Now), sent => Assert.Equal(200, Status(sent)));
        Assert.All(Between(ended - TimeSpan.FromSeconds(5), ended), sent => Assert.Equal(200, Status(sent)));
    }

    [Fact]
    public void WithoutABudget_NobodyGoesRoundAgain()
    {
        using var edge = new InProcessEdge(Keys, Upstream, Time, new() { ["GeminiEdge:ExtraAttempts"] = "0" });
        var calls = Upstream.Keys.Count;
        _isOverloaded = () => true;
        var sent = new Sent(Now, edge.NativeAsync());
        while (!sent.Answer.IsCompleted)
        {
            Advance();
        }

        Assert.Equal((502, calls + 2), (Status(sent), Upstream.Keys.Count));
        Assert.InRange(Now - sent.At, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10.5));
    }

    private int Ok()
    {
        Finish();
        return _sent.Count(sent => Status(sent) == 200);
    }

    private void Play(TimeSpan length)
    {
        for (var end = Now + length; Now < end;)
        {
            var sent = new Sent(Now, _edge.NativeAsync());
            _ = WatchAsync(sent);
            _sent.Add(sent);
            Advance();
        }
    }

    private async Task WatchAsync(Sent sent)
    {
        await sent.Answer;
        sent.Took = Now - sent.At;
    }

    private void Finish()
    {
        while (_sent.Exists(sent => !sent.Answer.IsCompleted))
        {
            Advance();
        }
    }

    private void Advance()
    {
        Time.Advance(Step);
        Context.Settle();
    }

    private List<Sent> Between(TimeSpan from, TimeSpan to)
    {
        var found = _sent.FindAll(sent => sent.At >= from && sent.At < to);
        Assert.NotEmpty(found);
        return found;
    }

    private static int Status(Sent sent) => sent.Answer.GetAwaiter().GetResult().Status;
}
