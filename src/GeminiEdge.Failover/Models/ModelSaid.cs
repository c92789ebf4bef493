namespace GeminiEdge.Failover.Models;

/// <summary>What an answer has said of its model so far.</summary>
/// <param name="Version">Which one answered; null while it isn't known.</param>
/// <param name="Status">Whether it goes; null when nothing was said.</param>
internal readonly record struct ModelSaid(ModelVersion? Version, ModelStatus? Status);
