using System.Collections.Immutable;
using GeminiEdge.Fleet;

namespace GeminiEdge.Rotation;

/// <summary>The fleet register's rows, or why they could not be read.</summary>
internal sealed record FleetReading(ImmutableArray<FleetRow> Rows, RotationResult? Failure = null);
