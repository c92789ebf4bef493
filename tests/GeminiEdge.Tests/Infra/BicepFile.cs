using System.Text.Json.Nodes;

namespace GeminiEdge.Tests.Infra;

/// <summary>What the compiler makes of a file.</summary>
/// <param name="Diagnostics">Its own and the linter's, of the file and of the modules it uses.</param>
/// <param name="Contents">The ARM template, or the parameters; null when there are errors.</param>
internal sealed record BicepFile(IReadOnlyList<BicepDiagnostic> Diagnostics, string? Contents)
{
    public JsonObject Template => JsonNode.Parse(Contents!)!.AsObject();
}

/// <param name="Line">From 1 on.</param>
internal sealed record BicepDiagnostic(string File, int Line, string Level, string Code, string Message);
