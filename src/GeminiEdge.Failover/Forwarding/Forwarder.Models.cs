using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

// What answers say of the model that was asked: which version it is, and whether it is still there.
internal sealed partial class Forwarder
{
    private const int NotFound = 404;

    /// <summary>Remembers which model answered, or that there is none of that name.</summary>
    /// <param name="fallback">The model that is asked instead; null for none.</param>
    private void NoteModel(Attempt attempt, string? fallback)
    {
        var request = attempt.Request;
        if (!request.Call.MustAnswer || request.Call.Model.Length == 0)
        {
            return;
        }

        if (attempt.Verdict == Verdict.Ok || attempt.Model.Version is not null)
        {
            foreach (var news in models.Answered(Of(request), attempt.Model, attempt.Key.Id))
            {
                Tell(news);
            }
        }

        // A resource that isn't there is no word about the model.
        if (attempt.Verdict == Verdict.CallerError && attempt.Failure is { Status: NotFound, InSuccess: false } && !request.Call.ProjectBound)
        {
            Tell(models.Missing(Of(request), fallback, attempt.Key.Id, NotFound));
        }
    }

    /// <summary>No key serves the model: perhaps because none may use it any more.</summary>
    /// <param name="fallback">The model that is asked instead; null for none.</param>
    private void NoteNoKeyHasModel(Journey journey, string? fallback)
    {
        var (request, keys) = (journey.Walk.Request, journey.Walk.Ring.Keys);
        if (request.Call is not { MustAnswer: true, ProjectBound: false } call
            || !keys.All(key => key.Health.Cause(call.Scope) is { } cause && (cause == Verdict.ModelUnavailable || Consequence.Of(cause).KeyIsDead)))
        {
            return;
        }

        // A key that rests for it was refused before.
        if (journey.Trail.Failed.FirstOrDefault(attempt => attempt is { Verdict: Verdict.ModelUnavailable, Status: NotFound }) is { Key: { } refused })
        {
            Tell(models.Missing(Of(request), fallback, refused.Id, NotFound));
        }
    }

    private static ModelCall Of(ForwardRequest request) => new(request.Call.Model, request.Call.Method, request.PathAndQuery);

    private void Tell(ModelNews? news)
    {
        if (news is not null)
        {
            log.Tell(news, mask);
            observers.ModelNews(news);
        }
    }
}
