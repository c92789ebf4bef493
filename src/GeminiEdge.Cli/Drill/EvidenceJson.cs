using System.Globalization;
using System.Text.Json;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli.Drill;

/// <summary>The evidence as one JSON object. Its <c>failed</c> is the number of failed requests; nothing else has that name.</summary>
internal static class EvidenceJson
{
    public static void Write(Terminal terminal, Evidence evidence) => JsonReport.Write(terminal, json =>
    {
        json.WriteString("started", Text(evidence.Started));
        json.WriteString("ended", Text(evidence.Ended));
        json.WriteNumber("instances", DrillPace.Instances);
        Seconds(json, "refresh_interval_s", evidence.Pace.RefreshInterval);
        Seconds(json, "bar_s", evidence.Pace.Bar);
        json.WriteNumber("sent", evidence.Load.Sent);
        json.WriteNumber("answered", evidence.Load.Answered);
        json.WriteNumber("failed", evidence.Load.Failed);
        json.WriteNumber("failed_over", evidence.Load.FailedOver);
        json.WriteNumber("streamed", evidence.Load.Streams.Length);
        json.WriteNumber("streams_across_swaps", evidence.StreamsAcrossSwaps.Length);
        json.WriteNumber("streams_across_swaps_finished", evidence.StreamsAcrossSwapsFinished);
        json.WriteBoolean("whole_story", evidence.IsWholeStory);
        json.WriteBoolean("holds_bar", evidence.HoldsBar);
        WriteArray(json, "faults", evidence.Load.Faults, WriteFault);
        WriteArray(json, "steps", evidence.Steps, (inner, step) => WriteStep(inner, step, evidence.Pace.Bar));
        WriteArray(json, "keys", evidence.Keys, WriteKey);
        WriteArray(json, "replaced_keys", evidence.Retirements, (inner, key) => WriteRetirement(inner, key, evidence.Pace.Bar));
    });

    private static void WriteFault(Utf8JsonWriter json, Exchange fault)
    {
        json.WriteString("time", Text(fault.Ended));
        json.WriteNumber("instance", fault.Edge);
        json.WriteString("request", fault.Question.Name);
        if (fault.Status is { } status)
        {
            json.WriteNumber("status", status);
        }

        json.WriteText("code", fault.Fault);
    }

    private static void WriteStep(Utf8JsonWriter json, StepEvidence step, TimeSpan bar)
    {
        json.WriteString("step", step.Step.Name);
        json.WriteString("time", Text(step.Step.At));
        if (step.Step.Command is { } command)
        {
            json.WriteNumber("exit_code", ExitCode.Of(command.Outcome));
            json.WriteText("problem", step.IsDone ? null : command.Message);
        }

        if (step.Step.Noticed is { } noticed)
        {
            json.WriteNumber("noticed_by", noticed);
        }

        json.WriteString("sign", step.Step.Sign);
        json.WriteStartArray("seconds_by_instance");
        foreach (var took in step.Took)
        {
            if (took is { } time)
            {
                json.WriteNumberValue(Rounded(time));
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndArray();
        json.WriteBoolean("converged", step.Slowest is not null);
        if (step.Slowest is { } slowest)
        {
            Seconds(json, "seconds", slowest);
        }

        json.WriteBoolean("holds_bar", step.Slowest <= bar);
    }

    private static void WriteKey(Utf8JsonWriter json, KeyEvidence key)
    {
        json.WriteString("key_id", key.KeyId);
        WriteArray(json, "slots", key.Slots, static (inner, write) =>
        {
            inner.WriteString("slot", write.Slot.Name());
            inner.WriteString("since", Text(write.At));
        });
        json.WriteNumber("answers", key.Answers?.Count ?? 0);
        json.WriteText("first_answer", key.Answers is { } answers ? Text(answers.First) : null);
        json.WriteText("last_answer", key.Answers is { } last ? Text(last.Last) : null);
        json.WriteText("last_use", key.LastUse is { } use ? Text(use) : null);
    }

    private static void WriteRetirement(Utf8JsonWriter json, Retirement key, TimeSpan bar)
    {
        json.WriteString("key_id", key.KeyId);
        json.WriteString("replaced", Text(key.ReplacedAt));
        json.WriteText("last_use", key.LastUse is { } use ? Text(use) : null);
        Seconds(json, "used_for_s", key.UsedFor);
        json.WriteBoolean("holds_bar", key.UsedFor <= bar);
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(json, item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Seconds(Utf8JsonWriter json, string name, TimeSpan time) => json.WriteNumber(name, Rounded(time));

    private static decimal Rounded(TimeSpan time) => Math.Round((decimal)time.TotalSeconds, 3);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
