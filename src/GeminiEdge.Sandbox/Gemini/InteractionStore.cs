using System.Globalization;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary><c>interactions</c> with a model: made, gone on with, shown, streamed, deleted. Each belongs to a project.</summary>
internal sealed class InteractionStore(GeminiSandboxOptions options, ModelCatalog models)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);
    private readonly ProjectResources _interactions = new(options.TimeProvider);

    public async Task<GeminiError?> CreateAsync(SandboxCall call)
    {
        if (call.ReadJson(out var json) is { } malformed)
        {
            return malformed;
        }

        var request = new InteractionRequest(json);
        if (request.Check() is { } wrong)
        {
            return wrong;
        }

        if (request.Agent is not null)
        {
            return GeminiErrors.NotSimulated("agents");
        }

        if (models.Find(request.Model, embeds: false) is not { } model)
        {
            return new(404, "NOT_FOUND", $"Model '{ModelCatalog.Bare(request.Model)}' not found.");
        }

        if (TurnsBefore(request.PreviousId, call.Key.Project) is not { } turns)
        {
            return NotFound(request.PreviousId!);
        }

        if (KeyStateErrors.OfModel(call, model) is { } refused)
        {
            return refused;
        }

        var state = call.StateOf(model);
        await Pacing.BeforeAnswerAsync(call, options, state);
        var id = KeyGenerator.NewInteractionId();
        var whole = InteractionJson.Whole(id, ModelCatalog.Bare(request.Model), request.PreviousId, SandboxAnswer.To(request.AsConversation(turns)), options.TimeProvider.GetUtcNow());
        if (request.IsStored)
        {
            var kept = (JsonObject)whole.DeepClone();
            kept["input"] = request.Input!.DeepClone();
            _interactions.TryPut(id, call.Key.Project, kept, _interactions.Now + Lifetime);
        }

        return request.IsStreamed ? await StreamAsync(call, state, whole, after: 0) : await call.AnswerAsync(whole);
    }

    /// <summary>Whole, or as the rest of its stream.</summary>
    public async Task<GeminiError?> GetAsync(SandboxCall call)
    {
        if (_interactions.Find(call.Route.Name!, call.Key.Project) is not { } whole)
        {
            return NotFound(call.Route.Name!);
        }

        if (call.Request.Query["include_input"] != "true")
        {
            whole.Remove("input");
        }

        if (call.Request.Query["stream"] != "true")
        {
            return await call.AnswerAsync(whole);
        }

        var after = int.TryParse(call.Request.Query["last_event_id"], NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : 0;
        return await StreamAsync(call, call.OwnState ?? SandboxKeyState.Working, whole, after);
    }

    public Task<GeminiError?> DeleteAsync(SandboxCall call) => _interactions.Remove(call.Route.Name!, call.Key.Project)
        ? call.AnswerAsync(new JsonObject())
        : Task.FromResult<GeminiError?>(NotFound(call.Route.Name!));

    /// <summary>Only what runs in the background can be cancelled, and here nothing does.</summary>
    public Task<GeminiError?> CancelAsync(SandboxCall call) => Task.FromResult<GeminiError?>(_interactions.Find(call.Route.Name!, call.Key.Project) is null
        ? NotFound(call.Route.Name!)
        : new(400, "FAILED_PRECONDITION", "The interaction is not in progress."));

    private async Task<GeminiError?> StreamAsync(SandboxCall call, SandboxKeyState state, JsonObject whole, int after)
    {
        await StreamedAnswer.SendAsync(call, options, state, InteractionJson.Events(whole, options.WordsPerChunk).Skip(after));
        return null;
    }

    /// <summary>Null when one of the chain is not there.</summary>
    private int? TurnsBefore(string? id, string project)
    {
        var turns = 0;
        for (; id is not null; turns++)
        {
            if (_interactions.Find(id, project) is not { } before)
            {
                // What was deleted further back takes its turns with it.
                return turns == 0 ? null : turns;
            }

            id = before.Text("previous_interaction_id");
        }

        return turns;
    }

    private static GeminiError NotFound(string id) => new(404, "NOT_FOUND", $"Interaction '{id}' not found.");
}
