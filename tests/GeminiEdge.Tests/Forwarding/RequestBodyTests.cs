using GeminiEdge.Failover.Forwarding;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Forwarding;

public class RequestBodyTests
{
    private const int Length = 19 << 20;
    private const int FirstStep = 64 << 10;

    // Undeclared, it doubles from 4 KiB on.
    [Theory]
    [InlineData(Length, 8, 5)]
    [InlineData(null, 2, 14)]
    public async Task Read_LargeBody_GrowsInStepsAndNeverFarAheadOfWhatCame(int? declared, long mostAhead, int mostSteps)
    {
        using var budget = new MemoryBudget(256 << 20, new FakeTimeProvider());
        using var source = new SteadySource(Length, budget);

        var (body, error) = await RequestBody.ReadAsync(source, declared, Length, budget, TestContext.Current.CancellationToken);

        Assert.Equal((BodyError.None, Length), (error, body.Length));
        Assert.All(source.Taken, taken => Assert.InRange(taken.Memory, 0, Math.Max(FirstStep, mostAhead * taken.Sent)));
        Assert.InRange(source.Taken.Select(taken => taken.Memory).Distinct().Count(), 2, mostSteps);
        body.Release();
        Assert.Equal(0, budget.Used);
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
