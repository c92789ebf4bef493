namespace GeminiEdge.Rotation;

/// <summary>
/// Reads the vault again where it failed for a moment: reading changes nothing, and what may be written is judged by
/// the reading that came through. A write is never repeated: the first one may still be on its way.
/// </summary>
internal sealed class PatientRead(TimeProvider time, Action<string> progress)
{
    private const int Tries = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <param name="read">One reading, from its beginning.</param>
    public async Task<T> DoAsync<T>(Func<Task<T>> read, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await read();
            }
            catch (VaultFault fault) when (tries < Tries && OperatorFault.IsPassing(fault))
            {
                progress(OperatorFault.IsTimeout(fault) ? "The vault took too long to answer: once more." : $"The vault failed to {fault.Doing}: once more.");
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }
}
