using GeminiEdge.Failover.Keys;
using GeminiEdge.Rotation;

namespace GeminiEdge.Tests.Rotation;

public class PendingWatchTests
{
    private static readonly TimeSpan Watched = TimeSpan.FromMinutes(30);

    [Fact]
    public async Task FindWatch_OfAPromotionThatWasToBeWatched_IsTheSameOperatorsUntilItIsEnded()
    {
        await using var bed = await RotationBed.StartAsync();
        var promoted = await PromoteAsync(bed, Watched);

        var (own, others) = ((await bed.Operator().FindWatchAsync(default)).Watch!, (await bed.Operator("berta@laptop").FindWatchAsync(default)).Watch);
        await bed.Operator().EndWatchAsync("another", default);
        var afterAnother = (await bed.Operator().FindWatchAsync(default)).Watch;
        Assert.Null(await bed.Operator().EndWatchAsync(promoted.RotationId!, default));

        Assert.Equal((promoted.RotationId, Watched, false), (own.Promotion.Rotation, own.Duration, own.HasSuccessor));
        Assert.Null(others);
        Assert.NotNull(afterAnother);
        Assert.Null((await bed.Operator().FindWatchAsync(default)).Watch);
    }

    [Fact]
    public async Task FindWatch_ByTheClock_IsLeftForAsLongAsOldIsKept()
    {
        await using var bed = await RotationBed.StartAsync();
        await PromoteAsync(bed, Watched);
        var pending = (await bed.Operator().FindWatchAsync(default)).Watch!;

        Assert.Equal(TimeSpan.FromMinutes(20), pending.Left(Watched, pending.Promotion.At.AddMinutes(10)));
        Assert.Equal(TimeSpan.Zero, pending.Left(Watched, pending.Promotion.At.AddMinutes(31)));
        bed.Time.Advance(TimeSpan.FromHours(24));
        Assert.Null((await bed.Operator().FindWatchAsync(default)).Watch);
    }

    [Fact]
    public async Task FindWatch_ANewSecondaryIsThere_SaysSo()
    {
        await using var bed = await RotationBed.StartAsync();
        await PromoteAsync(bed, Watched);
        bed.Put(KeySlot.Secondary);

        Assert.True((await bed.Operator().FindWatchAsync(default)).Watch!.HasSuccessor);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FindWatch_NobodyWantedOneOrItIsRolledBack_IsNone(bool isRolledBack)
    {
        await using var bed = await RotationBed.StartAsync();
        await PromoteAsync(bed, isRolledBack ? Watched : null);
        if (isRolledBack)
        {
            RotationBed.AssertEnded(RotationOutcome.Done, await bed.Operator().RollbackAsync(default));
        }

        Assert.Null((await bed.Operator().FindWatchAsync(default)).Watch);
    }

    private static async Task<RotationResult> PromoteAsync(RotationBed bed, TimeSpan? watch)
    {
        bed.Put(KeySlot.Primary);
        bed.Put(KeySlot.Secondary);
        var promoted = await bed.Operator().PromoteAsync(KeySlot.Primary, replaceOld: false, watch, default);
        RotationBed.AssertEnded(RotationOutcome.Done, promoted);
        return promoted;
    }
}
