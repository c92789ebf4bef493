namespace GeminiEdge.Failover.Models;

/// <summary>Something about a model that somebody should hear of; each is one event of the log.</summary>
/// <param name="Model">As callers ask for it.</param>
/// <param name="KeyId">The key whose answer told.</param>
internal abstract record ModelNews(string Model, string KeyId);

/// <summary>Another version answers now: <c>model_changed</c>.</summary>
internal sealed record ModelChanged(string Model, string KeyId, string From, string To) : ModelNews(Model, KeyId);

/// <summary>A version answers that is not the pinned one: <c>model_pin_broken</c>.</summary>
internal sealed record ModelPinBroken(string Model, string KeyId, string Pinned, string Version) : ModelNews(Model, KeyId);

/// <summary>Google says that the model goes: <c>model_retiring</c>.</summary>
internal sealed record ModelRetiring(string Model, string KeyId, string? Version, ModelStatus Status) : ModelNews(Model, KeyId);

/// <summary>The model is gone: <c>model_retired</c>.</summary>
/// <param name="Fallback">The model that is asked instead; null for none.</param>
/// <param name="Status">Of the upstream's answer.</param>
internal sealed record ModelRetired(string Model, string KeyId, string? Fallback, int Status) : ModelNews(Model, KeyId);
