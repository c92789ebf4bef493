using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;

namespace GeminiEdge.Rotation;

/// <summary>Waits until every active instance holds the newest ring, by the fleet register.</summary>
/// <param name="fleet">Reads the register.</param>
internal sealed class Convergence(Func<CancellationToken, Task<FleetReading>> fleet, TimeProvider time, Action<string> progress)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <param name="wait">Lets time pass; keeps the lock meanwhile.</param>
    /// <returns>The fleet at the end, and why the register could not be read then.</returns>
    public async Task<(FleetView View, RotationResult? Failure)> WaitAsync(
        IEnumerable<SlotState> slots, LeakedKeys leaked, TimeSpan timeout, Func<TimeSpan, Task> wait, CancellationToken cancellationToken)
    {
        var newest = NewestRing.Fingerprint(slots, leaked);
        var began = time.GetTimestamp();
        var said = 0;
        while (true)
        {
            var (rows, failure) = await fleet(cancellationToken);
            var view = FleetView.Of(rows, newest, time.GetUtcNow());
            if ((failure is null && (view.IsConverged || view.IsEmpty)) || time.GetElapsedTime(began) >= timeout)
            {
                return (view, failure);
            }

            if (view.Lagging.Length != said)
            {
                said = view.Lagging.Length;
                progress(view.Progress);
            }

            await wait(Pause);
        }
    }
}
