namespace GeminiEdge.Bench.Streams;

/// <summary>How many chunks a stream has, and how far apart they are sent.</summary>
internal sealed record Pace(int Chunks, TimeSpan Interval);
