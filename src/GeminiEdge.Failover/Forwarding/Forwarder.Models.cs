using GeminiEdge.Failover.Keys;
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
        if (request.Call is not { MustAnswer: true, ProjectBound: false })
        {
            return;
        }

        RingKey? refused = null;
        foreach (var attempt in result.Attempts)
        {
            if (attempt.Verdict != Verdict.ModelUnavailable && !Consequence.Of(attempt.Verdict).KeyIsDead)
            {
                return;
            }

            // A key that rests for it was refused before.
            refused ??= attempt.Verdict == Verdict.ModelUnavailable && attempt.Status == NotFound ? attempt.Key : null;
        }

        Tell(refused is null ? null : models.Missing(Of(request), fallback, refused.Id, NotFound));
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
