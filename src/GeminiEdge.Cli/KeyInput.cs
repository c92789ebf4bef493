using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli;

/// <summary>Takes a key from standard input, or asks for it where a person sits: never from the command line.</summary>
internal static class KeyInput
{
    // More than a key can be long; what follows need not be read to know that it is none.
    private const int Most = 8 * 1024;

    /// <returns>The key, or why there is none; never quotes it.</returns>
    public static async Task<(ApiKey? Key, string? Refusal)> ReadAsync(Terminal terminal, string what, CancellationToken cancellationToken)
    {
        var text = terminal.Input.IsRedirected
            ? await ReadAsync(terminal.Input, cancellationToken)
            : await terminal.AskSecretAsync($"{what} (nothing is shown):", cancellationToken);
        if (string.IsNullOrWhiteSpace(text))
        {
            return (null, "No key was given: pipe exactly one into the command, or run it in a terminal to be asked.");
        }

        var (key, refusal) = ApiKey.Create(text);
        return refusal is null ? (key, null) : (null, $"What came instead of a key {refusal}.");
    }

    private static async Task<string> ReadAsync(StandardInput input, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(input.Open());
        var buffer = new char[Most];

        // A read of a pipe that stays silent can't be cancelled, only left.
        var length = await reader.ReadBlockAsync(buffer, 0, Most).WaitAsync(cancellationToken);
        return new string(buffer, 0, length);
    }
}
