using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Keys;

/// <summary>One key's health on a fake clock, at noon in California.</summary>
internal sealed class KeyUnderTest
{
    public KeyUnderTest() => Health = new KeyHealth(Time);

    public JumpyTime Time { get; } = new();

    public KeyHealth Health { get; }

    /// <summary>An attempt from beginning to end; the key must be usable.</summary>
    public KeyStateChange? Attempt(Verdict verdict, string model = "a")
    {
        var pass = Health.TryBegin(model);
        Assert.NotNull(pass);
        return End(pass.Value, verdict);
    }

    /// <summary>A try when no other key is left.</summary>
    public KeyStateChange? LastResort(Verdict verdict, string model = "a")
    {
        var pass = Health.TryBeginLastResort(model);
        Assert.NotNull(pass);
        return End(pass.Value, verdict);
    }

    public KeyPass Begin(string model = "a") => Health.TryBegin(model) ?? throw new InvalidOperationException("The key can't be used now.");

    public KeyStateChange? End(KeyPass pass, Verdict verdict) => Health.Report(pass, verdict, new UpstreamFailure(0, UpstreamError.Unreadable));

    /// <summary>The key is skipped for this long and then tried.</summary>
    public void AssertRests(TimeSpan length, string model = "a")
    {
        Assert.False(Health.IsAvailable(model));
        Assert.Equal(length, Health.Rest(model));
        Time.Advance(length - TimeSpan.FromTicks(1));
        Assert.Null(Health.TryBegin(model));
        Time.Advance(TimeSpan.FromTicks(1));
        Assert.True(Health.IsCandidate(model));
    }
}
