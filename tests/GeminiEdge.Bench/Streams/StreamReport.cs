using System.Text.Json.Serialization;

namespace GeminiEdge.Bench.Streams;

/// <summary>What a run found: counts of chunks, delays in milliseconds, and processor seconds of this program.</summary>
internal sealed record StreamReport(int Chunks, int Merged, int Split, double P50, double P99, double Max, double Cpu);

[JsonSerializable(typeof(StreamReport))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class StreamReportContext : JsonSerializerContext;
