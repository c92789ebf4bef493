namespace GeminiEdge.Cli;

/// <summary>Standard output or standard error: text in the terminal's encoding, or bytes.</summary>
internal sealed record StandardOutput(bool IsRedirected, TextWriter Text, Func<Stream> Open);
