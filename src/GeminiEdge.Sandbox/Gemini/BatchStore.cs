using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>
/// <c>batches</c>: made of inlined requests or of a file of them, and answered likewise. A batch waits until somebody asks for it by
/// its name, and is done then, or once <see cref="GeminiSandboxOptions.BatchDuration"/> is over.
/// </summary>
internal sealed class BatchStore(GeminiSandboxOptions options, ModelCatalog models, FileStore files, Generation generation)
{
    private readonly Dictionary<string, BatchJob> _jobs = new(StringComparer.Ordinal);

    public async Task<GeminiError?> CreateAsync(SandboxCall call)
    {
        if ((call.ReadJson(out var request) ?? FieldCheck.Check(request, GeminiMessages.Batch)) is { } malformed)
        {
            return malformed;
        }

        if (models.Find(call.Route.Name, embeds: false) is not { } model)
        {
            return GeminiErrors.UnknownModel(ModelCatalog.Bare(call.Route.Name), call.Route.Version, call.Route.Verb);
        }

        var input = request.Field("batch").Field("inputConfig");
        var error = BatchInput.Read(input, files, call.Key, out var requests) ?? KeyStateErrors.OfModel(call, model);
        if (error is not null)
        {
            return error;
        }

        var job = new BatchJob
        {
            Id = KeyGenerator.NewBatchId(),
            Project = call.Key.Project,
            Model = model,
            ModelName = $"models/{model.Name}",
            DisplayName = request.Field("batch").Text("displayName"),
            FileName = input.Text("fileName"),
            Requests = requests,
            CreatedOn = options.TimeProvider.GetUtcNow(),
        };
        lock (_jobs)
        {
            _jobs[job.Id] = job;
        }

        return await call.AnswerAsync(job.ToJson());
    }

    public Task<GeminiError?> GetAsync(SandboxCall call)
    {
        JsonObject? json;
        lock (_jobs)
        {
            json = Find_NeedsLock(call) is { } job ? Advance(job, call.Key).ToJson() : null;
        }

        return AnswerAsync(call, json);
    }

    public Task<GeminiError?> ListAsync(SandboxCall call)
    {
        List<JsonObject> all;
        lock (_jobs)
        {
            all = [.. _jobs.Values.Where(job => job.Project == call.Key.Project).OrderByDescending(job => job.CreatedOn).Select(job => job.ToJson())];
        }

        var page = Paging.Of(call.Request, all, 10, 1_000);
        return page.Error is { } error ? Task.FromResult<GeminiError?>(error) : call.AnswerAsync(page.ToJson("operations", job => job));
    }

    public Task<GeminiError?> CancelAsync(SandboxCall call)
    {
        BatchJob? job;
        lock (_jobs)
        {
            job = Find_NeedsLock(call);
            job?.Cancel(options.TimeProvider.GetUtcNow());
        }

        return AnswerAsync(call, job is null ? null : []);
    }

    public Task<GeminiError?> DeleteAsync(SandboxCall call)
    {
        bool isDeleted;
        lock (_jobs)
        {
            isDeleted = Find_NeedsLock(call) is { } job && _jobs.Remove(job.Id);
        }

        return AnswerAsync(call, isDeleted ? [] : null);
    }

    private static Task<GeminiError?> AnswerAsync(SandboxCall call, JsonObject? json) =>
        json is null ? Task.FromResult<GeminiError?>(GeminiErrors.NoSuchEntity()) : call.AnswerAsync(json);

    private BatchJob? Find_NeedsLock(SandboxCall call) => _jobs.TryGetValue(call.Route.Name!, out var job) && job.Project == call.Key.Project ? job : null;

    private BatchJob Advance(BatchJob job, SandboxKey key)
    {
        var now = options.TimeProvider.GetUtcNow();
        if (job.IsOver || now < job.CreatedOn + options.BatchDuration)
        {
            job.Run();
            return job;
        }

        var responses = job.Requests.Select(request => Answer(request, job, key)).ToList();
        var failed = responses.Count(response => response["error"] is not null);
        job.Succeed(job.FileName is null ? Inlined(responses) : InFile(responses, job), failed, now);
        return job;
    }

    private static JsonObject Inlined(List<JsonObject> responses) => new()
    {
        ["inlinedResponses"] = new JsonObject { ["inlinedResponses"] = new JsonArray([.. responses]) },
    };

    private JsonObject InFile(List<JsonObject> responses, BatchJob job)
    {
        var id = $"batch-{job.Id}";
        files.Add(new UploadMetadata(id, null, "application/jsonl"), job.Project, BatchInput.Lines(responses));
        return new() { ["responsesFile"] = $"files/{id}" };
    }

    /// <summary>The answer to one request, with what tells it from the others.</summary>
    private JsonObject Answer(JsonObject item, BatchJob job, SandboxKey key)
    {
        var request = item.Field("request") as JsonObject ?? [];
        var answer = new JsonObject();
        if (generation.Check(request, key) is { } error)
        {
            // As a google.rpc.Status, whose codes are gRPC's.
            answer["error"] = new JsonObject { ["code"] = error.Code == 403 ? 7 : 3, ["message"] = error.Message };
        }
        else
        {
            answer["response"] = generation.Respond(request, job.Model, key).Whole();
        }

        foreach (var name in new[] { "metadata", "key" })
        {
            if (item.Field(name) is { } mark)
            {
                answer[name] = mark.DeepClone();
            }
        }

        return answer;
    }
}
