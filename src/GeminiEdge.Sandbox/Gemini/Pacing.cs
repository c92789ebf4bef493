namespace GeminiEdge.Sandbox.Gemini;

/// <summary>When a model answers: after the delays of the options, or never.</summary>
internal static class Pacing
{
    public static Task BeforeAnswerAsync(SandboxCall call, GeminiSandboxOptions options, SandboxKeyState state)
    {
        switch (state)
        {
            case SandboxKeyState.Silent:
                return SilenceAsync(call, options);
            case SandboxKeyState.Reset:
                call.Context.Abort();
                return Task.CompletedTask;
            default:
                return WaitAsync(call, options, options.AnswerDelay);
        }
    }

    public static Task BetweenChunksAsync(SandboxCall call, GeminiSandboxOptions options, SandboxKeyState state) =>
        state == SandboxKeyState.SilentMidStream ? SilenceAsync(call, options) : WaitAsync(call, options, options.ChunkDelay);

    /// <summary>Ends when the client leaves or the sandbox stops.</summary>
    private static Task SilenceAsync(SandboxCall call, GeminiSandboxOptions options) =>
        Task.Delay(Timeout.InfiniteTimeSpan, options.TimeProvider, call.Context.RequestAborted);

    private static Task WaitAsync(SandboxCall call, GeminiSandboxOptions options, TimeSpan delay) =>
        delay > TimeSpan.Zero ? Task.Delay(delay, options.TimeProvider, call.Context.RequestAborted) : Task.CompletedTask;
}
