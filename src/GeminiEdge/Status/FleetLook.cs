using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Fleet;

namespace GeminiEdge.Status;

/// <summary>
/// What an operator sees beyond this instance: the register's rows and the rotation under way. Read when somebody looks, and not
/// more often than every ten seconds however many look.
/// </summary>
internal sealed class FleetLook(TimeProvider time, FleetOptions? options = null, FleetTable? table = null, SecretClient? vault = null)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Deadline _due;
    private Task<(FleetRead? Register, RotationUnderWay? Rotation)> _read = Task.FromResult<(FleetRead?, RotationUnderWay?)>((null, null));

    public Task<(FleetRead? Register, RotationUnderWay? Rotation)> ReadAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_read.IsCompleted && _due.HasPassed(time))
            {
                _due = Deadline.After(time, Fresh);
                _read = ReadNowAsync();
            }

            return _read.WaitAsync(cancellationToken);
        }
    }

    private async Task<(FleetRead? Register, RotationUnderWay? Rotation)> ReadNowAsync()
    {
        var register = options is null || table is null ? Task.FromResult<FleetRead?>(null) : ReadRegisterAsync(table, options.App);
        var rotation = vault is null ? Task.FromResult<RotationUnderWay?>(null) : ReadRotationAsync(vault);
        return (await register, await rotation);
    }

    private static async Task<FleetRead?> ReadRegisterAsync(FleetTable table, string app) => await table.ReadAsync(app, CancellationToken.None);

    private async Task<RotationUnderWay?> ReadRotationAsync(SecretClient client)
    {
        using var patience = new CancellationTokenSource(FleetTable.Patience, time);
        try
        {
            var record = await client.GetSecretAsync(RotationSecret.Name, cancellationToken: patience.Token);
            return RotationUnderWay.Of(record.Value.Properties, time.GetUtcNow());
        }
#pragma warning disable CA1031 // The boundary to the SDK: where nobody has rotated yet, or the vault doesn't answer, none is known.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }
}
