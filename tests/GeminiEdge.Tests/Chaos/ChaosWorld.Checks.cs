using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Chaos;

/// <summary>What must hold, whatever happens.</summary>
internal sealed partial class ChaosWorld
{
    private async Task<EdgeAnswer> AskAsync(ChaosCall call, string kind, CancellationToken leaves)
    {
        var caller = $"{kind}{Interlocked.Increment(ref _requests)}";
        var ringBefore = Ring();
        Interlocked.Increment(ref _active);
        var answer = await _edge.SendUntilAsync(call.Target, call.Body, "POST", caller, leaves);
        Interlocked.Decrement(ref _active);
        var attempts = _google.Attempts.Where(attempt => attempt.Caller == caller).ToList();
        lock (_faults)
        {
            _seen.Add(("An answer", answer.Body));
            _seen.AddRange(answer.Headers.Select(header => ("A header", header.Value.ToString())));
            Counts.Count(answer);
            if (IsHurried(answer, attempts))
            {
                // What the edge knows about these keys nobody else can tell.
                Counts.Hurried++;
                attempts.ForEach(attempt => _google.Failed[attempt.Key] = true);
            }
            else if (!leaves.IsCancellationRequested)
            {
                Check(call, caller, answer, attempts, ringBefore);
            }
        }

        return answer;
    }

    private void Check(ChaosCall call, string caller, EdgeAnswer answer, List<ChaosAttempt> attempts, HashSet<string> ringBefore)
    {
        if (answer.Status == 200 && call.Fault(answer, attempts) is { } fault)
        {
            Blame($"is answered with what {fault}: {answer.Body}");
        }

        if (answer.Status is not (200 or 502 or 503 or 504) && !(answer.Status == 400 && attempts is [.., { Body: var refusal }] && refusal.Contains("INVALID_ARGUMENT", StringComparison.Ordinal)))
        {
            Blame($"is answered with {answer.Status}: {answer.Body}");
        }

        if (answer.Status != 200 && attempts.Exists(attempt => attempt.IsGood))
        {
            Blame($"is answered with {answer.Status}, and a key had answered it");
        }

        // Of a key that nothing was ever said against nobody can know that it has failed.
        if (answer.Status == 502 && ringBefore.Intersect(Ring()).FirstOrDefault(key => !_google.Failed.ContainsKey(key) && attempts.TrueForAll(attempt => attempt.Key != key)) is { } passedOver)
        {
            Blame($"is answered with 502, and …{passedOver[^4..]} was not asked");
        }

        if (answer.Status == 503 && ringBefore.Count > 0 && Ring().Count > 0)
        {
            Blame($"is answered with 503, and there are keys: {answer.Body}");
        }

        // A good answer that was sent ends the request, whatever it was like before.
        if (attempts.SkipWhile(attempt => !attempt.IsGood).Skip(1).Any())
        {
            Blame("was asked again after it had been answered");
        }

        var again = attempts.Count - attempts.DistinctBy(attempt => (attempt.Key, attempt.Model)).Count();
        _extra += again;
        Counts.Extra += again;
        if (ExtraAttempts == 0 ? again > 0 : _extra > (100 * _restarts) + (_requests / 10))
        {
            Blame($"had {again} extra attempts, and there was no budget for them");
        }

        void Blame(string what) => _faults.Add(
            $"{caller} ({call.Name}) {what}. Attempts: {string.Join(", ", attempts.Select(attempt => $"{attempt.Id} with …{attempt.Key[^4..]}, good: {attempt.IsGood}"))}");
    }

    /// <summary>
    /// The clock went on while the edge worked, because this machine was busy: an attempt ran out of time whose answer had come, and
    /// whether that was right can't be told.
    /// </summary>
    private bool IsHurried(EdgeAnswer answer, List<ChaosAttempt> attempts)
    {
        var id = answer.Header("x-request-id")!;
        return _edge.Log.Count(line => line.Contains(id, StringComparison.Ordinal) && line.Contains("\"upstream_timeout\"", StringComparison.Ordinal)) > attempts.Count(attempt => attempt.IsStalled);
    }

    private HashSet<string> Ring() => [.. _edge.Ring.Keys.Select(key => key.Key.Reveal())];

    /// <summary>Nothing that anybody could read holds eight characters of a key.</summary>
    private void CheckTexts()
    {
        var leaks = new LeakCheck(_google.Keys);
        foreach (var (where, text) in _seen)
        {
            leaks.Check(where, text);
        }

        if (leaks.Found is { } found)
        {
            _faults.Add(found);
        }
    }
}
