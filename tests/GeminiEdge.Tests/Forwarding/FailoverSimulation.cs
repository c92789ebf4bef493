using System.Text.Json.Nodes;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

internal enum StepKind
{
    Ask,
    Answer,
    Wait,
    Leave,
}

/// <summary>One thing that happens; the numbers choose a model and a kind of call, a request in flight, a verdict or a time.</summary>
internal readonly record struct Step(StepKind Kind, int Which, int What);

/// <summary>
/// Plays a sequence of steps against an edge and, beside it, against the reference: before each attempt the reference
/// says which keys it may be made with, and at each end whether every key has failed.
/// </summary>
internal sealed class FailoverSimulation : IDisposable
{
    private static readonly double[] Waits = [0, 0.5, 1, 2, 4, 5, 9, 10, 20, 31, 60, 169, 170, 201, 301, 601, 901, 1800, 3600, 7200, 43_200, 90_000];
    private static readonly Verdict[] Verdicts =
        [.. Enumerable.Repeat(Verdict.Ok, 6), .. Enumerable.Repeat(Verdict.KeyInvalid, 4), Verdict.Network, .. UpstreamAnswers.Verdicts];

    private readonly JumpyTime _time = new();
    private readonly List<ReferenceKey> _keys;
    private readonly List<SimulatedRequest> _inFlight = [];
    private readonly Dictionary<string, SimulatedRequest> _requests = [];
    private readonly List<string> _faults = [];
    private readonly LeakCheck _leaks;
    private readonly PumpedContext _context = new();
    private readonly InProcessEdge _edge;

    public FailoverSimulation(IReadOnlyList<string> keys)
    {
        _keys = [.. keys.Distinct().Select(key => new ReferenceKey(key, _time))];
        _leaks = new LeakCheck(keys);
        _edge = new InProcessEdge(keys, new FakeUpstream(AttemptAsync), _time);
    }

    /// <summary>Plays the steps; throws what went wrong first.</summary>
    public void Play(IEnumerable<Step> steps)
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_context);
        try
        {
            PlayAll(steps);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
    }

    public void Dispose()
    {
        _edge.Dispose();
        _context.Dispose();
    }

    private void PlayAll(IEnumerable<Step> steps)
    {
        foreach (var step in steps)
        {
            Play(step);
            Settle();
        }

        while (_inFlight.Count > 0)
        {
            if (_inFlight.Find(request => !request.IsWaiting) is { } request)
            {
                Answer(request, Verdict.CallerError);
            }
            else
            {
                // Only a holder that is silent for ever can have been waited for.
                _time.Advance(TimeSpan.FromSeconds(1));
            }

            Settle();
        }

        foreach (var line in _edge.Log)
        {
            // Digits and dashes of the time may stand in a key by chance.
            _leaks.Check("a log line", line[line.IndexOf("\"level\"", StringComparison.Ordinal)..]);
        }

        ThrowFaults();
    }

    // Whoever waits is woken on other threads, and goes on here.
    private void Settle()
    {
        if (!_context.Run(() => _inFlight.Exists(MustMove)))
        {
            var stuck = _inFlight.Find(MustMove)!;
            _faults.Add($"Request {stuck.Id} ({stuck.Call.Name}) still waits, though {(stuck.Caller.IsCancellationRequested ? "its caller left" : Next(stuck).MayUse is [var free, ..] ? $"key {Index(free.Value)} is free for it" : "nobody tries a key, or its patience is over")}; it is {_time.GetUtcNow():T}.");
        }

        ThrowFaults();
    }

    private bool MustMove(SimulatedRequest request) =>
        request.IsWaiting && (request.Caller.IsCancellationRequested || Next(request).MayUse.Count > 0 || !MayStillWait(request));

    /// <summary>Somebody else is trying a key that the request has not tried, and the request's patience lasts.</summary>
    private bool MayStillWait(SimulatedRequest request) =>
        request.Call.MayWait
        && request.Waited + (_time.GetUtcNow() - request.Looking) < TimeSpan.FromSeconds(10)
        && _time.GetUtcNow() - request.Started < TimeSpan.FromSeconds(200)
        && _keys.Except(request.Tried).Any(key => key.IsBeingTried(request.Call.Kind));

    private void Play(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Ask:
                Start($"model-{(char)('a' + (step.Which % 3))}", SimulatedCall.All[step.What % SimulatedCall.All.Length]);
                break;
            case StepKind.Answer when _inFlight.FindAll(request => !request.IsWaiting) is { Count: > 0 } asked:
                Answer(asked[step.Which % asked.Count], Verdicts[step.What % Verdicts.Length]);
                break;
            case StepKind.Wait:
                _time.Advance(TimeSpan.FromSeconds(Waits[step.What % Waits.Length]));
                break;
            case StepKind.Leave when _inFlight.Count > 0:
                _inFlight[step.Which % _inFlight.Count].Caller.Cancel();
                break;
        }
    }

    // The edge runs on this thread until it waits for the upstream, and on from there in Answer, Wait or Leave.
    private void Start(string model, SimulatedCall call)
    {
        var request = new SimulatedRequest(_requests.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), model, call, _time.GetUtcNow());
        _requests.Add(request.Id, request);
        _inFlight.Add(request);
        _ = FollowAsync(request);
    }

    private async Task FollowAsync(SimulatedRequest request)
    {
        try
        {
            var answer = await _edge.SendUntilAsync(
                request.Target, request.Body, request.Body is null ? "GET" : "POST", request.Id, request.Caller.Token);
            _inFlight.Remove(request);
            CheckEnd(request, answer);
        }
#pragma warning disable CA1031 // Whatever it is, it is a fault of the edge, and belongs to the step that is being played.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _faults.Add(e.ToString());
        }
    }

    private Task<HttpResponseMessage> AttemptAsync(UpstreamCall call)
    {
        var request = _requests[call.Request.Headers.NonValidated["User-Agent"].ToString()];
        var (mayUse, isLastResort) = Next(request);
        if (!mayUse.Any(key => key.Value == call.Key))
        {
            _faults.Add($"Request {request.Id} ({request.Call.Name}) tried key {Index(call.Key)}; by the design it would be one of [{string.Join(',', mayUse.Select(key => Index(key.Value)))}].");
        }

        var used = _keys[Index(call.Key)];
        request.LastResortTaken |= isLastResort;
        request.Tried.Add(used);
        request.Waited += _time.GetUtcNow() - request.Looking;
        request.Attempt = used.Begin(request.Model, request.Call.Kind);
        var pending = request.Pending = new TaskCompletionSource<HttpResponseMessage>();
        call.Cancelled.UnsafeRegister(_ => CutOff(request, pending, call.Cancelled), null);
        return pending.Task;
    }

    private void CutOff(SimulatedRequest request, TaskCompletionSource<HttpResponseMessage> pending, CancellationToken cancelled)
    {
        if (!pending.Task.IsCompleted)
        {
            Learn(request, request.Caller.IsCancellationRequested ? Verdict.ClientGone : Verdict.UpstreamTimeout);
            request.TimedOut = true;
            pending.SetCanceled(cancelled);
        }
    }

    private void Answer(SimulatedRequest request, Verdict verdict)
    {
        // A request without a body can't be too large.
        verdict = verdict == Verdict.RequestTooLargeForQuota && request.Body is null ? Verdict.QuotaMinute : verdict;
        Learn(request, verdict);
        request.TimedOut = false;
        if (verdict == Verdict.Network)
        {
            request.Pending!.SetException(new HttpRequestException(HttpRequestError.ResponseEnded, $"It ended, {request.Attempt!.Key.Value}"));
        }
        else
        {
            request.Pending!.SetResult(IsNobodys(request, verdict) ? UpstreamAnswers.NoApiKeys() : UpstreamAnswers.Of(verdict, request.Attempt!.Key.Value));
        }
    }

    // In the place of a dead key's answer such a method gives every key the same one.
    private static bool IsNobodys(SimulatedRequest request, Verdict verdict) => request.Call.MayBeNobodys && verdict == Verdict.KeyInvalid;

    private void Learn(SimulatedRequest request, Verdict verdict)
    {
        request.Verdicts.Add(verdict);
        request.Looking = _time.GetUtcNow();
        var attempt = request.Attempt!;
        if (request.Call.MayBeNobodys && verdict is Verdict.KeyInvalid or Verdict.KeyBlocked or Verdict.ProjectDenied)
        {
            attempt.Key.Free(attempt);
            request.Undecided.Add((attempt, verdict));
            return;
        }

        attempt.Key.End(attempt, verdict);
        if (verdict == Verdict.Ok)
        {
            // One key has done it: the others could not, each for its own reason.
            foreach (var (refused, cause) in request.Undecided)
            {
                refused.Key.End(refused with { Try = 0 }, cause == Verdict.KeyInvalid ? Verdict.KeyBlocked : cause);
            }
        }
    }

    /// <summary>The design's next key: the first in ring order that is available or due, else any one last resort.</summary>
    private (IReadOnlyList<ReferenceKey> MayUse, bool IsLastResort) Next(SimulatedRequest request)
    {
        var (model, kind) = (request.Model, request.Call.Kind);
        var untried = _keys.Except(request.Tried).ToList();
        var preferred = request.Call.PrefersUntroubled && request.Tried.Count == 0 ? untried.Find(key => key.IsUntroubled) : null;
        var candidate = preferred ?? untried.Find(key => key.IsAvailable(model, kind) || key.IsDue(model, kind));
        return candidate is not null ? ([candidate], false)
            : request.LastResortTaken ? ([], false)
            : ([.. untried.Where(key => key.IsLastResort(kind))], true);
    }

    private void CheckEnd(SimulatedRequest request, EdgeAnswer answer)
    {
        _leaks.Check($"the answer {answer.Status}", answer.Body);
        foreach (var (name, value) in answer.Headers)
        {
            _leaks.Check($"the header {name}", value.ToString());
        }

        var expected = Expected(request);
        Check(request, $"ended with {answer.Status}; by the design it would be {string.Join(" or ", expected)}", expected.Contains(answer.Status));
        if (request.Tried.Count > 0 && request.Verdicts[^1] == Verdict.Ok)
        {
            var original = UpstreamAnswers.Fixture("200-generate.json");
            Check(request, "changed a success", request.Call.Name == "generate"
                ? JsonNode.Parse(answer.Body)!["text"]!.GetValue<string>() == Text(original)
                : answer.Body == original);
        }
        else if (answer.Status == 502)
        {
            CheckAttempts(request, answer);
        }
    }

    private List<int> Expected(SimulatedRequest request)
    {
        var next = Next(request).MayUse;
        var last = request.Verdicts.Count == 0 ? (Verdict?)null : request.Verdicts[^1];
        return last switch
        {
            _ when request.Caller.IsCancellationRequested => [200], // Nothing was written: there is nobody to read it.
            Verdict.Ok => [200],
            Verdict.CallerError or Verdict.ResourceDenied => [UpstreamAnswers.Status(last.Value)],
            Verdict.Network when !request.Call.MayRepeat => [504],
            Verdict.Overloaded or Verdict.UpstreamError or Verdict.UpstreamTimeout when !request.Call.MayRepeat =>
                [request.TimedOut ? 504 : UpstreamAnswers.Status(last.Value)],
            _ when _time.GetUtcNow() - request.Started >= TimeSpan.FromSeconds(200) && (request.TimedOut || next.Count > 0) => [504],
            _ when next.Count > 0 || (!request.TimedOut && MayStillWait(request)) => [], // A key was passed over.
            Verdict.UpstreamTimeout when request.TimedOut => [504],
            not null when AgreedStatus(request) is { } status => [status],
            _ => [502],
        };
    }

    /// <summary>When every key that isn't dead said the same of the request itself, its answer goes to the caller.</summary>
    private int? AgreedStatus(SimulatedRequest request)
    {
        var votes = request.Verdicts.FindAll(verdict => !ReferenceKey.Kills(verdict) || IsNobodys(request, verdict));
        return votes.Count > 0
            && votes.TrueForAll(verdict => verdict == Verdict.RequestTooLargeForQuota || IsNobodys(request, verdict))
            && _keys.Except(request.Tried).All(key => key.IsDead(request.Model, request.Call.Kind))
                ? votes[0] == Verdict.RequestTooLargeForQuota ? UpstreamAnswers.Status(votes[0]) : 401
                : null;
    }

    private void CheckAttempts(SimulatedRequest request, EdgeAnswer answer)
    {
        var error = JsonNode.Parse(answer.Body)!;
        var attempts = request.Call.Name != "generate"
            ? JsonNode.Parse(error["error"]!["details"]![0]!["metadata"]!["attempts"]!.GetValue<string>())!.AsArray()
            : error["attempts"]!.AsArray();
        Check(request, "doesn't list every key", attempts.Count == _keys.Count);
        Check(request, "lists as skipped what it tried", attempts.Count(a => !a!["skipped"]!.GetValue<bool>()) == request.Tried.Count);
        Check(request, "tried a key twice", request.Tried.Distinct().Count() == request.Tried.Count);
    }

    private void Check(SimulatedRequest request, string fault, bool isFine)
    {
        if (!isFine)
        {
            _faults.Add($"Request {request.Id} ({request.Call.Name}: {string.Join(", ", request.Verdicts)}) {fault}.");
        }
    }

    private void ThrowFaults()
    {
        if (_faults.Count > 0 || _leaks.Found is not null)
        {
            Assert.Fail(string.Join('\n', [.. _faults, _leaks.Found, .. _edge.Log]));
        }
    }

    private int Index(string key) => _keys.FindIndex(known => known.Value == key);

    private static string Text(string answer) =>
        JsonNode.Parse(answer)!["candidates"]![0]!["content"]!["parts"]!.AsArray()
            .Where(part => part!["thought"] is null && part["text"] is not null)
            .Aggregate("", (text, part) => text + part!["text"]!.GetValue<string>());
}
