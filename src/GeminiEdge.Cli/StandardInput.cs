namespace GeminiEdge.Cli;

/// <summary>Standard input, as a stream where something is piped in, and line by line where a person sits.</summary>
internal sealed record StandardInput(bool IsRedirected, Func<Stream> Open, Func<string?> ReadLine);
