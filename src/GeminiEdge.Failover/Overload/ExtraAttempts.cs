namespace GeminiEdge.Failover.Overload;

/// <summary>
/// How many attempts an instance makes beyond the first with each key: second rounds and hedges. A bucket that each request
/// fills by a share and each extra attempt empties by one, so that a short storm is ridden out on what calm has saved, and a
/// long one is not amplified.
/// </summary>
/// <param name="percent">Extra attempts for a hundred requests; 0 for none at all.</param>
internal sealed class ExtraAttempts(int percent, TimeProvider time)
{
    /// <summary>What the bucket begins with, and the least it can hold.</summary>
    public const int Least = 100;

    private const int Minutes = 5;

    // In hundredths of an attempt: a request brings a whole number of them.
    private const int Whole = 100;

    private readonly Lock _lock = new();
    private readonly long[] _requests = new long[Minutes];
    private long _held = percent == 0 ? 0 : Least * Whole;
    private long _minute;

    /// <summary>A request begins. The bucket never holds more than the share of the last five minutes' requests.</summary>
    public void RequestBegins()
    {
        lock (_lock)
        {
            var minute = Minute();
            _requests[minute % Minutes]++;
            _held = Math.Min(_held + percent, Capacity_NeedsLock());
        }
    }

    /// <summary>Takes one extra attempt, if one is left.</summary>
    public bool TryTake()
    {
        lock (_lock)
        {
            if (_held < Whole)
            {
                return false;
            }

            _held -= Whole;
            return true;
        }
    }

    /// <summary>The extra attempt that was taken isn't made after all.</summary>
    public void GiveBack()
    {
        lock (_lock)
        {
            // Meanwhile requests may have filled its place.
            _held = Math.Min(_held + Whole, Capacity_NeedsLock());
        }
    }

    private long Capacity_NeedsLock() => percent == 0 ? 0 : Math.Max(Least * Whole, percent * _requests.Sum());

    private long Minute()
    {
        var minute = time.GetTimestamp() / (time.TimestampFrequency * 60);
        for (var passed = Math.Max(_minute + 1, minute - Minutes + 1); passed <= minute; passed++)
        {
            _requests[passed % Minutes] = 0;
        }

        _minute = minute;
        return minute;
    }
}
