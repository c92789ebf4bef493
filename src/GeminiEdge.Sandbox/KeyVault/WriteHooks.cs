namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>What a test wants to know of every write, and how it can lose one.</summary>
internal sealed class WriteHooks
{
    private int _count;

    public Func<KeyVaultWrite, Task<KeyVaultFault?>>? Before { get; set; }

    public Func<KeyVaultWrite, Task<KeyVaultFault?>>? After { get; set; }

    public int Count => Volatile.Read(ref _count);

    public Task<KeyVaultFault?> BeforeAsync(KeyVaultRequest request) =>
        Before is { } hook ? hook(new(request, 0, null)) : Task.FromResult<KeyVaultFault?>(null);

    public Task<KeyVaultFault?> AfterAsync(KeyVaultRequest request, SecretVersion? result)
    {
        var number = Interlocked.Increment(ref _count);
        return After is { } hook ? hook(new(request, number, result)) : Task.FromResult<KeyVaultFault?>(null);
    }
}
