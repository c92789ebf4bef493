namespace GeminiEdge.Tests.Functions.Func;

/// <summary>What func prints before it ends with exit code 1.</summary>
internal sealed class FuncException(string message) : Exception(message);
