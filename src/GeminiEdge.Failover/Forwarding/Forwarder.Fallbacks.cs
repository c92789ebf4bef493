using System.Collections.Immutable;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

// Which model is next when one can't answer.
internal sealed partial class Forwarder
{
    private ImmutableArray<string> Fallbacks(ForwardRequest request) =>
        request.Call.MayFallBack ? request.Fallbacks ?? options.FallbackModels.Of(request.Call.Model) : [];

    /// <summary>The caller's mistake is the upstream's last word, unless another model may take it.</summary>
    private bool MayAskOther(Journey journey, Attempt attempt)
    {
        var isGone = SaysModelIsGone(attempt) && journey.HasAnother;
        if (attempt.Verdict != Verdict.CallerError || (journey.IsAtFirst && !isGone))
        {
            return false;
        }

        // One key's word is enough: it would be every key's.
        journey.Walk.Close();
        CutOffRival(journey);
        if (journey.IsAtFirst)
        {
            journey.Trail.Keep(attempt);
        }
        else if (!isGone)
        {
            // What the fallback doesn't take the first model might have: the caller hears what that one said.
            journey.EndChain();
            journey.Refusal = journey.Trail.Kept;
        }

        return true;
    }

    /// <summary>It has been retired, or never was.</summary>
    private static bool SaysModelIsGone(Attempt attempt) => attempt.Failure?.Status == 404 && attempt.Request.Call.Model.Length > 0;

    /// <summary>No key can serve the model: the first of the next one that has any.</summary>
    private Candidate? NextOfOtherModel(Journey journey)
    {
        while (journey.Walk.IsModelAtFault && (journey.TryGoOn() || TryFallBack(journey)))
        {
            if (TryNext(journey.Walk) is { } next)
            {
                return next;
            }
        }

        return null;
    }

    private bool TryFallBack(Journey journey)
    {
        while (journey.Fallbacks is [var model, .. var others])
        {
            journey.Fallbacks = others;
            NoteNoKeyHasModel(journey, model);
            if (FallbackRequest.Of(journey.Request, model) is { } request)
            {
                journey.GoOn(Walk(request, journey.Walk.Ring));
                return true;
            }
        }

        return false;
    }
}
