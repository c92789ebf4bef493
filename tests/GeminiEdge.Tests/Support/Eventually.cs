namespace GeminiEdge.Tests.Support;

/// <summary>Waits for what has no event of its own.</summary>
internal static class Eventually
{
    // Most of it happens while other threads run on for a moment; for the rest nobody else is kept from working.
    private const int Turns = 100;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    public static async Task IsAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        for (var turn = 0; !condition(); turn++)
        {
            patience.Token.ThrowIfCancellationRequested();
            if (turn < Turns)
            {
                await Task.Yield();
            }
            else
            {
                await Task.Delay(Pause, TimeProvider.System);
            }
        }
    }
}
