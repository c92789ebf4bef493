using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Rotation;

/// <summary>Probes a key until the answer says something about it: a new key is not known everywhere at once, and Google has bad moments.</summary>
internal sealed class PatientProbe(KeyProbe probe, TimeProvider time, Action<string> progress)
{
    private const int Tries = 3;
    private static readonly TimeSpan NewKeyPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <param name="wait">Lets time pass; keeps the lock meanwhile.</param>
    public async Task<Verdict> ProbeAsync(PlanStep.Probe step, Func<TimeSpan, Task> wait, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            var verdict = (await probe.ProbeAsync(step.Slot, step.Key, step.Version, cancellationToken)).Verdict;
            var again = verdict switch
            {
                Verdict.KeyInvalid => step.MayBeNew && time.GetElapsedTime(started) < NewKeyPatience,
                Verdict.Overloaded or Verdict.UpstreamError or Verdict.UpstreamTimeout or Verdict.Network => tries < Tries,
                _ => false,
            };
            if (!again)
            {
                return verdict;
            }

            progress($"{step.Text}: {Consequence.Of(verdict).Name}{(verdict == Verdict.KeyInvalid ? ", as a new key may be for a minute" : "")}; once more in {Pause.TotalSeconds:0} s.");
            await wait(Pause);
        }
    }
}
