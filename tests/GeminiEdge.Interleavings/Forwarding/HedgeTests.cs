using System.Net;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Overload;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Interleavings.Keys;
using GeminiEdge.Interleavings.Scheduling;
using Microsoft.Extensions.Logging.Abstractions;

namespace GeminiEdge.Interleavings.Forwarding;

/// <summary>A second key is asked beside a slow one: whichever answers first, one answer goes to the caller, and of the other nothing is left.</summary>
public class HedgeTests
{
    [Fact]
    public void Hedge_WhoeverIsFirst_OneAnswers() => Explorer.Explore(schedule => new World(schedule, new MemoryBudget(long.MaxValue)).Play(callers: 1, fails: int.MaxValue, leaves: false));

    [Fact]
    public void Hedges_OfTwoCallersWithFailures_EachIsAnsweredOnce() => Explorer.Explore(schedule => new World(schedule, new MemoryBudget(long.MaxValue)).Play(callers: 2, fails: 3, leaves: false));

    [Fact]
    public void Hedge_CallerLeaves_NothingIsLeft() => Explorer.Explore(schedule => new World(schedule, new MemoryBudget(long.MaxValue)).Play(callers: 1, fails: 4, leaves: true));

    // Keys are refused, rest, and are tried again through their gates, hedged or not.
    [Fact]
    public void Hedges_OfRefusedKeys_LeaveNothingBehind() => Explorer.Explore(schedule => new World(schedule, new MemoryBudget(long.MaxValue)).Play(callers: 3, fails: 2, leaves: false, refuses: true));

    private sealed class World
    {
        private readonly Schedule _schedule;
        private readonly SlowUpstream _upstream;
        private readonly Ledger _ledger = new();
        private readonly MemoryBudget _memory;
        private readonly KeyRingProvider _ring;
        private readonly Forwarder _forwarder;
        private readonly List<ForwardOutcome> _outcomes = [];

        public World(Schedule schedule, MemoryBudget memory)
        {
            (_schedule, _memory, _upstream) = (schedule, memory, new SlowUpstream(schedule));
            var (mask, time) = (new KeyMask(), schedule.Time);
            _ring = new KeyRingProvider(time, mask, NullLogger<KeyRingProvider>.Instance);
            _ring.Swap([new SlotValue(KeySlot.Primary, SomeKeys.Named("primary")), new SlotValue(KeySlot.Secondary, SomeKeys.Named("secondary"))], null);
            var sources = new KeySources(static () => ([], []), null, _ring, mask, NullLogger<KeySources>.Instance, time);
            var options = new ForwardingOptions { Hedge = HedgeMode.On, UpstreamHttp = UpstreamHttp.Http11 };
            _forwarder = new Forwarder(
                options, new KeyRefresher(new KeyOptions(), sources, _ring, static () => 0.5, time), new UpstreamClient(options, _upstream), new ResourceOwners(), new KeyProjects(),
                new ModelMemory(options.ModelPins, time), new Observers([_ledger]), mask, static () => 0.5, NullLogger<Forwarder>.Instance, time);
        }

        /// <summary>So many callers ask at the same time.</summary>
        /// <param name="fails">Of how many answers one is a failure.</param>
        /// <param name="leaves">The callers leave at some time.</param>
        /// <param name="refuses">Among the failures are refusals of the key and of its quota.</param>
        public Action Play(int callers, int fails, bool leaves, bool refuses = false)
        {
            _schedule.Begin("start", async () =>
            {
                // Only a model whose latency is known is hedged.
                _upstream.IsCalm = true;
                for (var known = 0; known < Latencies.Enough; known++)
                {
                    await AskAsync(CancellationToken.None);
                }

                (_upstream.IsCalm, _upstream.FailsOneOf) = (false, fails);
                _upstream.Failures = refuses ? [HttpStatusCode.ServiceUnavailable, HttpStatusCode.TooManyRequests, HttpStatusCode.BadRequest] : _upstream.Failures;
                _ledger.Forget();
                _outcomes.Clear();
                for (var caller = 0; caller < callers; caller++)
                {
                    _schedule.Begin("caller", async () =>
                    {
                        using var leaving = new CancellationTokenSource(leaves ? TimeSpan.FromMilliseconds(200 * _schedule.Draw(6)) : Timeout.InfiniteTimeSpan, _schedule.Time);
                        await AskAsync(leaving.Token);
                    });
                }
            });
            return () => Check(callers, leaves, refuses);
        }

        private async Task AskAsync(CancellationToken aborted)
        {
            var request = new ChatRequest("a-request", _memory, aborted);
            var result = await _forwarder.SendAsync(request);
            _outcomes.Add(result.Outcome);
            if (result is { Outcome: ForwardOutcome.Answered, Attempt: { } winner })
            {
                Assert.Equal(Verdict.Ok, winner.Verdict);
                winner.Deliver();
                _forwarder.Finish(winner);
            }

            result.Attempt?.Dispose();
            request.Body.Release();
        }

        private void Check(int callers, bool leaves, bool refuses)
        {
            Assert.Equal(callers, _outcomes.Count);
            Assert.All(_outcomes, outcome => Assert.True(outcome is ForwardOutcome.Answered || (leaves && outcome is ForwardOutcome.ClientGone) || (refuses && outcome is ForwardOutcome.AllKeysFailed or ForwardOutcome.ReturnedAsIs), $"{outcome}"));
            var answered = _outcomes.Count(outcome => outcome == ForwardOutcome.Answered);

            // Each attempt was begun once, sent at most once and told once; one answer for each request, and everything else was cut off or failed.
            Assert.Equal(_ledger.Begun, _ledger.Ended.Count);
            Assert.InRange(_upstream.Calls.Count, 0, _ledger.Begun);
            Assert.Equal(_outcomes.Count(outcome => outcome != ForwardOutcome.ClientGone), _ledger.Requests);
            Assert.Equal(answered, _ledger.Ended.Count(attempt => attempt.Verdict == Verdict.Ok));
            Assert.Equal(answered, _ledger.Ended.Count(attempt => attempt.Committed));
            Assert.All(_ledger.Ended, attempt => Assert.True(
                attempt.Verdict is Verdict.Ok or Verdict.Hedge or Verdict.Overloaded or Verdict.UpstreamError || (leaves && attempt.Verdict == Verdict.ClientGone) || (refuses && attempt.Verdict is Verdict.KeyInvalid or Verdict.QuotaUnknown), $"{attempt.Verdict}"));

            // Nothing is held any more: no connection, no memory, no gate.
            Assert.DoesNotContain(_upstream.Calls, call => call.IsOpen);
            Assert.All(_upstream.Calls, call => Assert.Equal(ChatRequest.Length, call.Sent));
            Assert.Equal(0, _memory.Used);
            Assert.All(_ring.Current.Keys, key => Assert.Equal((TimeSpan.Zero, true), (key.Health.Watch(SomeKeys.Chat).HeldFor, refuses || key.Health.IsUntroubled)));
        }
    }
}
