using System.Globalization;
using System.Text.Json.Nodes;
using GeminiEdge.Failover.Keys;
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

/// <summary>One thing that happens; the numbers choose a model and a kind of call, an attempt in flight, a verdict or a time.</summary>
internal readonly record struct Step(StepKind Kind, int Which, int What)
{
    public override string ToString() => $"{Kind}({Which},{What})";
}

/// <summary>How an edge is set up for a simulation.</summary>
/// <param name="Fallbacks">Behind model-a stand two others.</param>
/// <param name="Hedges">A second key is asked when the first is slow; the edge has seen fifty answers of model-a.</param>
/// <param name="ExtraAttempts">For a hundred requests.</param>
/// <param name="Seed">Of the edge's randomness.</param>
internal readonly record struct SimulationSetup(bool Fallbacks, bool Hedges, int ExtraAttempts, int Seed);

/// <summary>
/// Plays a sequence of steps against an edge and, beside it, against the reference: before each attempt the reference
/// says which keys it may be made with, and at each end whether every key has failed.
/// </summary>
internal sealed partial class FailoverSimulation : IDisposable
{
    private const string FirstModel = "model-a";
    private const int Taught = 50;

    private static readonly double[] Waits = [0, 0.5, 1, 2, 4, 5, 9, 10, 20, 31, 60, 169, 170, 201, 301, 601, 901, 1800, 3600, 7200, 43_200, 90_000];
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(0.1);
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(0.5);

    // A caller's error stands for two: what it asks for is wrong, or there is no such model.
    private static readonly (Verdict Verdict, bool IsGone)[] Answers =
    [
        .. Enumerable.Repeat((Verdict.Ok, false), 6), .. Enumerable.Repeat((Verdict.KeyInvalid, false), 4), .. Enumerable.Repeat((Verdict.Overloaded, false), 4),
        (Verdict.Network, false), (Verdict.CallerError, true), .. UpstreamAnswers.Verdicts.Select(verdict => (verdict, false)),
    ];

    // The keys are the same all the time: to read them anew would only take place on other threads.
    private static readonly KeyOptions OnceRead = new() { RefreshInterval = TimeSpan.FromDays(10_000) };

    private readonly JumpyTime _time = new();
    private readonly SimulationSetup _setup;
    private readonly List<ReferenceKey> _keys;
    private readonly List<SimulatedRequest> _inFlight = [];
    private readonly Dictionary<string, SimulatedRequest> _requests = [];
    private readonly List<string> _faults = [];
    private readonly LeakCheck _leaks;
    private readonly PumpedContext _context = new();
    private readonly InProcessEdge _edge;
    private bool _hasNews;

    public FailoverSimulation(IReadOnlyList<string> keys, SimulationSetup setup)
    {
        _setup = setup;
        _keys = [.. keys.Distinct().Select(key => new ReferenceKey(key, _time))];
        _leaks = new LeakCheck(keys);
        var random = new Random(setup.Seed);
        _edge = new InProcessEdge(keys, new FakeUpstream(AttemptAsync), _time, new()
        {
            ["GEMINI_FALLBACK_MODELS"] = setup.Fallbacks ? $"{FirstModel}=model-b,model-c" : null,
            ["GeminiEdge:Hedge"] = setup.Hedges ? "On" : null,
            ["GeminiEdge:ExtraAttempts"] = setup.ExtraAttempts.ToString(CultureInfo.InvariantCulture),
        }, random.NextDouble, OnceRead);
    }

    private DateTimeOffset Now => _time.GetUtcNow();

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
        if (_setup.Hedges)
        {
            Teach();
        }

        foreach (var step in steps)
        {
            Play(step);
            Settle();
        }

        while (_inFlight.Count > 0)
        {
            if (InFlight() is [var attempt, ..])
            {
                Answer(attempt, Verdict.CallerError, isGone: false);
                Settle();
            }
            else
            {
                // Whoever waits still has patience.
                Pass(Moment);
            }
        }

        CheckLog();
        ThrowFaults();
    }

    /// <summary>Fifty answers tell how long the model takes.</summary>
    private void Teach()
    {
        for (var i = 0; i < Taught; i++)
        {
            Start(FirstModel, SimulatedCall.All[1]);
        }

        Pass(Quick);
        foreach (var attempt in InFlight())
        {
            Answer(attempt, Verdict.Ok, isGone: false);
        }

        Settle();
    }

    private List<SimulatedAttempt> InFlight() => [.. _inFlight.SelectMany(request => request.InFlight)];

    private void Play(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Ask:
                Start($"model-{(char)('a' + (step.Which % 3))}", SimulatedCall.All[step.What % SimulatedCall.All.Length]);
                break;
            case StepKind.Answer when InFlight() is { Count: > 0 } asked:
                var (verdict, isGone) = Answers[step.What % Answers.Length];
                Answer(asked[step.Which % asked.Count], verdict, isGone);
                break;
            case StepKind.Wait:
                Pass(TimeSpan.FromSeconds(Waits[step.What % Waits.Length]));
                break;
            case StepKind.Leave when _inFlight.Count > 0:
                _inFlight[step.Which % _inFlight.Count].Caller.Cancel();
                break;
        }
    }

    // In small steps while somebody waits, who would else meet late what was due in the meantime.
    private void Pass(TimeSpan length)
    {
        for (var end = Now + length; Now < end;)
        {
            var left = end - Now;
            var longest = _inFlight.Exists(request => request.IsWaiting) ? Moment : InFlight().Min(UntilHedged) ?? left;
            _time.Advance(left < longest ? left : longest);
            Settle();
        }
    }

    /// <summary>How long until the attempt is late, if it may be.</summary>
    private TimeSpan? UntilHedged(SimulatedAttempt attempt) =>
        MayHedge(attempt) && attempt.Late is { } late && Now - attempt.Began <= late.Most ? Moment + (late.Most / 4) : null;

    // Whoever waits is woken on other threads, and goes on here.
    private void Settle()
    {
        _context.Run(() => false);
        if (_hasNews && _inFlight.Exists(request => request.IsWaiting))
        {
            _context.Settle();
        }

        _hasNews = false;
        if (Stuck() is not null)
        {
            _context.Run(() => Stuck() is not null, TimeSpan.FromSeconds(0.1));
        }

        if (Stuck() is { } late)
        {
            _time.Advance(late.Grace);
            _context.Run(() => Stuck() is not null, TimeSpan.FromSeconds(10));
        }

        if (Stuck() is { } stuck)
        {
            _faults.Add(stuck.Why);
        }

        foreach (var request in _inFlight)
        {
            request.IsBetweenRounds |= request.IsWaiting;
        }

        foreach (var (model, _) in _scouts.Where(scout => HasLeft(scout.Value, scout.Key)).ToList())
        {
            _scouts.Remove(model);
        }

        ThrowFaults();
    }

    // The edge runs on this thread until it waits for the upstream, and on from there in Answer, Pass or Leave.
    private void Start(string model, SimulatedCall call)
    {
        string[] fallbacks = _setup.Fallbacks && model == FirstModel && call.MayFallBack ? ["model-b", "model-c"] : [];
        var request = new SimulatedRequest(_requests.Count.ToString(CultureInfo.InvariantCulture), model, fallbacks, call, Now) { NewsFrom = _goodAnswers };
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
            request.RequestId = answer.Header("x-request-id") ?? "";
            _inFlight.Remove(request);
            _hasNews = true;
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
        var attempt = Begin(request, _keys[Index(call.Key)], request.Call.NamesModel ? ModelOf(call) : "");
        request.Attempts.Add(attempt);
        call.Cancelled.UnsafeRegister(_ => CutOff(attempt, call.Cancelled), null);
        return attempt.Pending.Task;
    }

    private static string ModelOf(UpstreamCall call) => call.Path.Split("/models/") is [_, var named]
        ? named.Split(':')[0]
        : JsonNode.Parse(call.Request.Content!.ReadAsStringAsync().GetAwaiter().GetResult())!["model"]!.GetValue<string>();

    private void CutOff(SimulatedAttempt attempt, CancellationToken cancelled)
    {
        if (attempt.Verdict is not null)
        {
            return;
        }

        var request = attempt.Request;
        var verdict = request.Caller.IsCancellationRequested ? Verdict.ClientGone : request.IsDecided ? Verdict.Hedge : Verdict.UpstreamTimeout;
        Check(request, "cut off an attempt that had time", verdict != Verdict.UpstreamTimeout || Now - request.Started >= TimeSpan.FromSeconds(170));
        Learn(attempt, verdict, isGone: false);
        request.TimedOut = verdict == Verdict.UpstreamTimeout;
        attempt.Pending.SetCanceled(cancelled);
    }

    private void Answer(SimulatedAttempt attempt, Verdict verdict, bool isGone)
    {
        // A request without a body can't be too large.
        var request = attempt.Request;
        verdict = verdict == Verdict.RequestTooLargeForQuota && request.Body is null ? Verdict.QuotaMinute : verdict;
        Learn(attempt, verdict, isGone);
        request.TimedOut = false;
        if (verdict == Verdict.Network)
        {
            attempt.Pending.SetException(new HttpRequestException(HttpRequestError.ResponseEnded, $"It ended, {attempt.Key.Value}"));
        }
        else
        {
            attempt.Pending.SetResult(isGone ? UpstreamAnswers.NoSuchModel()
                : IsNobodys(request, verdict) ? UpstreamAnswers.NoApiKeys()
                : UpstreamAnswers.Of(verdict, attempt.Key.Value));
        }
    }

    // In the place of a dead key's answer such a method gives every key the same one.
    private static bool IsNobodys(SimulatedRequest request, Verdict verdict) => request.Call.MayBeNobodys && verdict == Verdict.KeyInvalid;

    private int Index(string key) => _keys.FindIndex(known => known.Value == key);
}
