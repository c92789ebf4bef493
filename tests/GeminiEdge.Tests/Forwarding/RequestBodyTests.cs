using GeminiEdge.Failover.Forwarding;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

public class RequestBodyTests
{
    private const int Length = 19 << 20;
    private const int FirstStep = 64 << 10;

    [Fact]
    public async Task Read_LengthIsDeclared_GrowsInFewStepsAndNeverFarAheadOfWhatCame()
    {
        using var budget = new MemoryBudget(256 << 20, new FakeTimeProvider());
        using var source = new SteadySource(Length, budget);

        var (body, error) = await RequestBody.ReadAsync(source, Length, Length, budget, TestContext.Current.CancellationToken);

        Assert.Equal((BodyError.None, Length), (error, body.Length));
        Assert.All(source.Taken, taken => Assert.InRange(taken.Memory, 0, Math.Max(FirstStep, 8L * taken.Sent)));
        Assert.InRange(source.Taken.Select(taken => taken.Memory).Distinct().Count(), 2, 5);
        body.Release();
        Assert.Equal(0, budget.Used);
    }

    [Fact]
    public async Task Read_LengthIsNotDeclared_NeverTakesMoreThanTwiceWhatCame()
    {
        using var budget = new MemoryBudget(256 << 20, new FakeTimeProvider());
        using var source = new SteadySource(Length, budget);

        var (body, error) = await RequestBody.ReadAsync(source, null, Length, budget, TestContext.Current.CancellationToken);

        Assert.Equal((BodyError.None, Length), (error, body.Length));
        Assert.All(source.Taken, taken => Assert.InRange(taken.Memory, 0, Math.Max(FirstStep, 2L * taken.Sent)));
        body.Release();
    }

    /// <summary>A little at a time; notes what is taken of the memory whenever it is asked for more.</summary>
    private sealed class SteadySource(int length, MemoryBudget budget) : ForwardOnlyStream
    {
        private int _sent;

        public List<(int Sent, long Memory)> Taken { get; } = [];

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Taken.Add((_sent, budget.Used));
            var count = Math.Min(Math.Min(buffer.Length, 16 << 10), length - _sent);
            _sent += count;
            return ValueTask.FromResult(count);
        }
    }
}
