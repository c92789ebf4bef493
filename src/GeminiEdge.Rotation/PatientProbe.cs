using System.Globalization;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Rotation;

/// <summary>Probes a key until the answer says something about it: a new key is not known everywhere at once, and Google has bad moments.</summary>
/// <param name="moment">Shows how long it is waited for, and null when it no longer is; null where nobody would see it.</param>
internal sealed class PatientProbe(KeyProbe probe, TimeProvider time, Action<string> progress, Action<string?>? moment)
{
    private const int Tries = 3;
    private static readonly TimeSpan NewKeyPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>A key that Google does not know is asked a second time this soon: who has mistyped it is to hear so at once.</summary>
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <param name="isJustMade">Google has just made the key, so that nobody can have mistyped it.</param>
    /// <param name="wait">Lets time pass; keeps the lock meanwhile.</param>
    public async Task<Verdict> ProbeAsync(PlanStep.Probe step, bool isJustMade, Func<TimeSpan, Task> wait, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var (unknown, badMoments) = (0, 0);
        while (true)
        {
            var verdict = (await probe.ProbeAsync(step.Slot, step.Key, step.Version, cancellationToken)).Verdict;
            switch (verdict)
            {
                case Verdict.KeyInvalid when step.MayBeNew && Left(started) > TimeSpan.Zero:
                    unknown++;
                    if (unknown == 2)
                    {
                        progress(isJustMade
                            ? $"{step.Text}: {Consequence.Of(verdict).Name}, as a new key may be for a minute; it is asked again for {Text(Left(started))} s at most."
                            : $"Google does not know the key …{step.Key.Id}: most likely it is mistyped, or deleted. A new key may be unknown for a minute, so it is asked again for {Text(Left(started))} s more; Ctrl-C stops.");
                    }

                    await (unknown == 1 ? wait(SecondLook) : CountDownAsync(started, wait));
                    break;
                case Verdict.Overloaded or Verdict.UpstreamError or Verdict.UpstreamTimeout or Verdict.Network when badMoments < Tries - 1:
                    badMoments++;
                    progress($"{step.Text}: {Consequence.Of(verdict).Name}; once more in {Pause.TotalSeconds:0} s.");
                    await wait(Pause);
                    break;
                default:
                    return verdict;
            }
        }
    }

    private async Task CountDownAsync(long started, Func<TimeSpan, Task> wait)
    {
        try
        {
            for (var left = Pause; left > TimeSpan.Zero; left -= Second)
            {
                moment?.Invoke($"A new key may take a minute: asking again, {Text(Left(started))} s left; Ctrl-C stops");
                await wait(Second);
            }
        }
        finally
        {
            moment?.Invoke(null);
        }
    }

    private TimeSpan Left(long started) => NewKeyPatience - time.GetElapsedTime(started);

    private static string Text(TimeSpan time) => Math.Max(0, Math.Ceiling(time.TotalSeconds)).ToString("0", CultureInfo.InvariantCulture);
}
