using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;

namespace GeminiEdge.Failover.Forwarding;

// What answers say of the model that was asked: which version it is, and whether it is still there.
internal sealed partial class Forwarder
{
    private const int NotFound = 404;

    /// <summary>Remembers which model answered, or that there is none of that name.</summary>
    /// <param name="fallback">The model that is asked instead; null for none.</param>
    private void NoteModel(Attempt attempt, ForwardRequest request, string? fallback)
    {
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

    /// <summary>No key is left: perhaps because none may use the model any more.</summary>
    /// <param name="fallback">The model that is asked instead; null for none.</param>
    private void NoteNoKeyHasModel(ForwardResult result, ForwardRequest request, string? fallback)
    {
        var failed = result.Attempts.Where(attempt => !Consequence.Of(attempt.Verdict).KeyIsDead).ToList();
        if (request.Call is { MustAnswer: true, ProjectBound: false }
            && failed.TrueForAll(attempt => attempt.Verdict == Verdict.ModelUnavailable)
            && failed.Find(attempt => attempt.Status == NotFound) is { } refused)
        {
            Tell(models.Missing(Of(request), fallback, refused.Key.Id, NotFound));
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
