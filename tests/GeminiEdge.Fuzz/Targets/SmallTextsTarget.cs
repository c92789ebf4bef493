using System.Text;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>Short texts that stand alone: lists of models, waits in words, a tag's time, totals, a status of a model.</summary>
internal static class SmallTextsTarget
{
    public static void Run(byte[] input)
    {
        var text = FuzzInput.Text(input);
        CheckModels(text);
        Promise.That(WaitInWords.Find(text) is not { } wait || (wait > TimeSpan.Zero && wait <= TimeSpan.FromDays(1)), "A wait in words is at most a day.");
        _ = RotationSecret.Time(text);
        _ = KeySlots.Parse(text);
        Promise.That(KeyTotals.Parse(text) is not { } totals || KeyTotals.Parse(totals.ToText()) == totals, "Totals are read as they are written.");
        _ = ModelStatus.Read(input).IsEnding(StillTime.Now);
        Promise.That(ModelVersion.Create(input) is not { } version || Encoding.ASCII.GetBytes(version.Text).AsSpan().SequenceEqual(input), "A version is its bytes.");
    }

    private static void CheckModels(string text)
    {
        var (models, fault) = FallbackModels.ReadList(text, "asked");
        Promise.That(fault is null || models.IsEmpty, "Of a list with a fault nothing counts.");
        Promise.That(models.Length <= FallbackModels.Most && models.Distinct().Count() == models.Length && !models.Contains("asked"), "Few models follow, and each once.");
        Promise.That(models.All(ModelName.IsValid), "A model's name goes into a path.");
        var (_, wrong) = FallbackModels.Read(text);
        Promise.That(wrong is null || text.Trim().Length < ApiKey.MinimumLength || !wrong.Contains(text.Trim(), StringComparison.Ordinal), "A fault never quotes the value.");
    }
}
