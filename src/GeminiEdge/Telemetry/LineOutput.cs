namespace GeminiEdge.Telemetry;

/// <summary>Takes one whole line, its end included. Never waits.</summary>
internal delegate void LineOutput(ReadOnlySpan<byte> line);
