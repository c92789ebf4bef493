using System.Globalization;
using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>One batch: its requests, and how far it has come. Google shows it as a long-running operation.</summary>
internal sealed class BatchJob
{
    private const string Package = "type.googleapis.com/google.ai.generativelanguage.v1main.";

    public required string Id { get; init; }

    public required string Project { get; init; }

    public required SandboxModel Model { get; init; }

    /// <summary>As the request named it.</summary>
    public required string ModelName { get; init; }

    public required string? DisplayName { get; init; }

    /// <summary>The file that the requests came in; null where they came inlined.</summary>
    public required string? FileName { get; init; }

    public required IReadOnlyList<JsonObject> Requests { get; init; }

    public required DateTimeOffset CreatedOn { get; init; }

    public DateTimeOffset? EndedOn { get; private set; }

    /// <summary><c>PENDING</c>, <c>RUNNING</c>, <c>SUCCEEDED</c> or <c>CANCELLED</c>.</summary>
    public string State { get; private set; } = "PENDING";

    private JsonObject? Output { get; set; }

    private int Failed { get; set; }

    public bool IsOver => EndedOn is not null;

    public void Run() => State = IsOver ? State : "RUNNING";

    public void Cancel(DateTimeOffset now)
    {
        if (!IsOver)
        {
            (State, EndedOn) = ("CANCELLED", now);
        }
    }

    /// <param name="output">The responses, or the file that holds them.</param>
    public void Succeed(JsonObject output, int failed, DateTimeOffset now) => (State, Output, Failed, EndedOn) = ("SUCCEEDED", output, failed, now);

    public JsonObject ToJson()
    {
        var operation = new JsonObject { ["name"] = $"batches/{Id}", ["metadata"] = Metadata() };
        if (IsOver)
        {
            operation["done"] = true;
        }

        if (Output is not null)
        {
            var response = new JsonObject { ["@type"] = Package + "GenerateContentBatchOutput" };
            foreach (var (name, value) in Output)
            {
                response[name] = value?.DeepClone();
            }

            operation["response"] = response;
        }
        else if (IsOver)
        {
            operation["error"] = new JsonObject { ["code"] = 1, ["message"] = "The operation was cancelled." };
        }

        return operation;
    }

    private JsonObject Metadata()
    {
        var metadata = new JsonObject { ["@type"] = Package + "GenerateContentBatch", ["model"] = ModelName };
        if (DisplayName is not null)
        {
            metadata["displayName"] = DisplayName;
        }

        if (FileName is not null)
        {
            metadata["inputConfig"] = new JsonObject { ["fileName"] = FileName };
        }

        if (Output is not null)
        {
            metadata["output"] = Output.DeepClone();
        }

        metadata["createTime"] = ProjectResources.Timestamp(CreatedOn);
        if (EndedOn is { } end)
        {
            metadata["endTime"] = ProjectResources.Timestamp(end);
        }

        metadata["updateTime"] = ProjectResources.Timestamp(EndedOn ?? CreatedOn);
        metadata["batchStats"] = Stats();
        metadata["state"] = $"BATCH_STATE_{State}";
        metadata["name"] = $"batches/{Id}";
        return metadata;
    }

    /// <summary>Zeros are left out, and numbers stand in quotes, as of all 64-bit numbers.</summary>
    private JsonObject Stats()
    {
        var done = Output is null ? 0 : Requests.Count;
        var stats = new JsonObject();
        foreach (var (name, count) in new[]
        {
            ("requestCount", Requests.Count), ("successfulRequestCount", done - Failed), ("failedRequestCount", Failed), ("pendingRequestCount", IsOver ? 0 : Requests.Count),
        })
        {
            if (count > 0)
            {
                stats[name] = count.ToString(CultureInfo.InvariantCulture);
            }
        }

        return stats;
    }
}
