using GeminiEdge.Cli.Leak;
using GeminiEdge.Rotation;

namespace GeminiEdge.Cli.Reports;

/// <summary>The record that `--report` asks for: taken before a command, written after it, however it ended.</summary>
internal sealed class AuditRecord(ReportFile file, string command, DateTimeOffset started) : IDisposable
{
    // Who stopped a command waits for this.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task WriteAsync(Session session, RotationResult result, LeakFacts? leak)
    {
        var fleet = session.Register is null || session.DryRun ? null : await ReadFleetAsync(session);
        file.Write(new RotationEvidence(command, Operator.NameIn(session.World), session.Vault, started, session.Time.GetUtcNow(), session.DryRun, result, leak, fleet));
    }

    public void Dispose() => file.Dispose();

    private static async Task<FleetEvidence> ReadFleetAsync(Session session)
    {
        using var patience = new CancellationTokenSource(Patience, session.Time);
        try
        {
            var slots = session.Rotator.ReadAsync(patience.Token);
            var (rows, failure) = await session.Register!.ReadAsync(patience.Token);
            return failure is not null
                ? FleetEvidence.Unread(failure.Message)
                : new FleetEvidence(await slots is { Failure: null } vault ? session.ViewOf(rows, vault) : null, rows, null);
        }
        catch (OperationCanceledException)
        {
            return FleetEvidence.Unread($"The fleet register did not answer in {Patience.TotalSeconds:0} s.");
        }
    }
}
