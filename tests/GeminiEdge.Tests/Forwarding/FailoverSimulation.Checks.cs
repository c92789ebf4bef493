using System.Text.Json.Nodes;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Forwarding;

// What a request's end and the log are held against.
internal sealed partial class FailoverSimulation
{
    private void CheckEnd(SimulatedRequest request, EdgeAnswer answer)
    {
        _leaks.Check($"the answer {answer.Status}", answer.Body);
        foreach (var (name, value) in answer.Headers)
        {
            _leaks.Check($"the header {name}", value.ToString());
        }

        var expected = Expected(request);
        Check(request, $"ended with {answer.Status}; by the design it would be {string.Join(" or ", expected)}", expected.Contains(answer.Status));
        Check(request, "ended before its attempts", request.IsWaiting);
        if (request.Verdicts is [.., Verdict.Ok])
        {
            var original = UpstreamAnswers.Fixture("200-generate.json");
            Check(request, "changed a success", request.Call.Name == "generate"
                ? JsonNode.Parse(answer.Body)!["text"]!.GetValue<string>() == Text(original)
                : answer.Body == original);
            var model = request.HasFallbacks ? request.Attempts.Find(attempt => attempt.Verdict == Verdict.Ok)!.Asked.Name : null;
            Check(request, "doesn't say which model answered", answer.Header("x-gemini-edge-model") == model);
        }
        else if (answer.Status == 502 && !request.Caller.IsCancellationRequested)
        {
            CheckAttempts(request, answer);
        }
    }

    private List<int> Expected(SimulatedRequest request)
    {
        var next = Next(request, anew: request.IsBetweenRounds);
        var last = request.Verdicts.Count == 0 ? (Verdict?)null : request.Verdicts[^1];

        // A key is left that may be tried, and no time to try it.
        var mayBeLate = Now - request.Started >= Deadline && next.May.Count > 0;
        return last switch
        {
            // Nothing was written, or what it had just heard: there is nobody to read it.
            _ when request.Caller.IsCancellationRequested => [200, 502],
            Verdict.Ok => [200],
            _ when request.Returned is { } status => [status],
            Verdict.CallerError when request is { MayEndAsKept: true, IsDecided: true } => [404, 502],
            Verdict.Network when !request.Call.MayRepeat => [504],
            Verdict.Overloaded or Verdict.UpstreamError or Verdict.UpstreamTimeout when !request.Call.MayRepeat =>
                [request.TimedOut ? 504 : UpstreamAnswers.Status(last.Value)],
            _ when Now - request.Started >= Deadline && (request.TimedOut || next.Must) => [504],
            _ when next.Must || HasToWaitFor(request, isStrict: true) => [], // A key was passed over, or given up.
            Verdict.UpstreamTimeout when request.TimedOut => [504],
            _ when request.ChainHasEnded && request.Kept is { } kept => mayBeLate ? [kept, 504] : [kept],
            not null when AgreedStatus(request) is { } status => mayBeLate ? [status, 504] : [status],
            _ when mayBeLate => [502, 504],
            _ => request.MayEndAsKept ? [502, 404] : [502],
        };
    }

    /// <summary>When every key that isn't dead said the same of the request itself, its answer goes to the caller.</summary>
    private int? AgreedStatus(SimulatedRequest request)
    {
        var votes = request.Verdicts.FindAll(verdict => !ReferenceKey.Kills(verdict) || IsNobodys(request, verdict));
        var asked = request.Models[0];
        return votes.Count > 0
            && votes.TrueForAll(verdict => verdict == Verdict.RequestTooLargeForQuota || IsNobodys(request, verdict))
            && _keys.Except(asked.Tried).All(key => key.IsDead(asked.Name, request.Call.Kind))
                ? votes[0] == Verdict.RequestTooLargeForQuota ? UpstreamAnswers.Status(votes[0]) : 401
                : null;
    }

    private void CheckAttempts(SimulatedRequest request, EdgeAnswer answer)
    {
        var error = JsonNode.Parse(answer.Body)!;
        var attempts = (request.Call.Name != "generate"
            ? JsonNode.Parse(error["error"]!["details"]![0]!["metadata"]!["attempts"]!.GetValue<string>())!.AsArray()
            : error["attempts"]!.AsArray()).Select(attempt => attempt!).ToList();
        var (skipped, tried) = (attempts.FindAll(attempt => attempt["skipped"]!.GetValue<bool>()), attempts.FindAll(attempt => !attempt["skipped"]!.GetValue<bool>()));
        Check(request, "doesn't list every key", attempts.Select(Slot).Distinct().Count() == _keys.Count);
        Check(request, "lists other attempts than it made", tried.Count == request.Verdicts.Count);
        Check(request, "lists as skipped what it tried", !skipped.Select(SlotAndModel).Intersect(tried.Select(SlotAndModel)).Any());
        Check(request, "lists a key twice as skipped", skipped.Select(SlotAndModel).Distinct().Count() == skipped.Count);
        Check(request, "doesn't say of which model it speaks", attempts.TrueForAll(attempt => attempt["model"] is not null == request.HasFallbacks));

        static string Slot(JsonNode attempt) => attempt["slot"]!.GetValue<string>();
        static string SlotAndModel(JsonNode attempt) => $"{Slot(attempt)} {attempt["model"]}";
    }

    /// <summary>Each attempt has its line, and no line holds a piece of a key.</summary>
    private void CheckLog()
    {
        var lines = new Dictionary<(string Request, int Attempt), JsonNode>();
        foreach (var line in _edge.Log)
        {
            // Digits and dashes of the time may stand in a key by chance.
            _leaks.Check("a log line", line[line.IndexOf("\"level\"", StringComparison.Ordinal)..]);
            if (line.Contains("\"event\":\"gemini_", StringComparison.Ordinal))
            {
                var read = JsonNode.Parse(line)!;
                var isFirst = lines.TryAdd((read["request_id"]!.GetValue<string>(), read["attempt"]!.GetValue<int>()), read);
                _faults.AddRange(isFirst ? [] : [$"An attempt has two lines: {line}"]);
            }
        }

        foreach (var request in _requests.Values)
        {
            for (var i = 0; i < request.Attempts.Count; i++)
            {
                Check(request, $"left no line of attempt {i + 1}", lines.Remove((request.RequestId, i + 1), out var line));
                CheckLine(request, request.Attempts[i], line);
            }
        }

        _faults.AddRange(lines.Values.Select(line => $"Nobody made this attempt: {line}"));
    }

    private void CheckLine(SimulatedRequest request, SimulatedAttempt attempt, JsonNode? line)
    {
        if (line is null)
        {
            return;
        }

        var verdict = line["verdict"]!.GetValue<string>();
        var (own, asked) = (attempt.Asked.Name, request.Models[0].Name);
        var isRace = attempt.IsHedge || request.Attempts.SkipWhile(other => other != attempt).Skip(1).FirstOrDefault() is { IsHedge: true };

        // Of two that are cut off at the deadline one may still be called the loser.
        Check(request, $"logs {verdict} instead of {attempt.Verdict}", verdict == Consequence.Of(attempt.Verdict!.Value).Name
            || (isRace && (verdict, attempt.Verdict) == ("hedge", Verdict.UpstreamTimeout)));
        Check(request, "logs another model than it asked", (line["model"]?.GetValue<string>() ?? "") == own);
        Check(request, "logs another model than it was asked for", line["fallback_from"]?.GetValue<string>() == (own == asked ? null : asked));
        Check(request, "logs a race that was none", line["hedge"] is not null == isRace);
        Check(request, "logs the loser of a race as something else", attempt.Verdict != Verdict.Hedge
            || (line["event"]!.GetValue<string>() == "gemini_cancel" && line["prompt_tokens"] is null && line["output_tokens"] is null));
    }

    private void Check(SimulatedRequest request, string fault, bool isFine)
    {
        if (!isFine)
        {
            _faults.Add($"{Name(request)} {fault}; it is {Now:T}.");
        }
    }

    private string Name(SimulatedRequest request) =>
        $"Request {request.Id} ({request.Call.Name} {request.Models[0].Name}, {request.Started:O}, round {request.Round}: {string.Join(", ", request.Attempts.Select(Name))})";

    private string Name(SimulatedAttempt attempt) =>
        $"{Index(attempt.Key.Value)} {attempt.Asked.Name} {attempt.Verdict} {attempt.Began:T} to {attempt.Ended:T}";

    private string Names(SimulatedRequest request, IEnumerable<Choice> choices) =>
        string.Join(", ", choices.Select(choice => $"{Index(choice.Key.Value)} {request.Models[choice.At].Name}"));

    private void ThrowFaults()
    {
        if (_faults.Count > 0 || _leaks.Found is not null)
        {
            Assert.Fail(string.Join('\n', [.. _faults, _leaks.Found, .. _edge.Log.Skip(_setup.Hedges ? Taught : 0)]));
        }
    }

    private static string Text(string answer) =>
        JsonNode.Parse(answer)!["candidates"]![0]!["content"]!["parts"]!.AsArray()
            .Where(part => part!["thought"] is null && part["text"] is not null)
            .Aggregate("", (text, part) => text + part!["text"]!.GetValue<string>());
}
