using System.Text;
using System.Text.Json.Nodes;
using GeminiEdge.Access;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Fleet;
using GeminiEdge.Telemetry;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GeminiEdge.Tests.Infra;

/// <summary>The edge's log contract as the edge itself writes it: a line of each event with every field it can have.</summary>
internal static class EdgeEventLines
{
    private static readonly FakeTimeProvider Clock = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The lines, by event.</summary>
    public static async Task<IReadOnlyDictionary<string, JsonObject>> WriteAsync()
    {
        using var output = new GatedOutput();
        using (var pipe = new LinePipe(output, TimeProvider.System))
        {
            // While nobody reads, more lines come than fit: log_dropped. What follows comes after it.
            pipe.Write("{}\n"u8);
            await output.Reached;
            for (var written = 0; written <= LinePipe.Capacity; written += 1024)
            {
                pipe.Write(new byte[1024]);
            }

            output.Open();
            await output.Log.WaitForAsync("log_dropped");
            var lines = new JsonLines(pipe.Write, Clock);
            using var events = new EventLines(lines, new KeyMask());
            WriteEach(new AttemptLines(lines, new KeyMask()), events.CreateLogger("GeminiEdge.Tests"));
        }

        return output.Log.Events.GroupBy(LogCapture.Name).ToDictionary(lines => lines.Key, lines => lines.First());
    }

    private static void WriteEach(AttemptLines attempts, ILogger log)
    {
        var mask = new KeyMask();
        var key = new RingKey(KeySlot.Primary, ApiKey.Create("abcdefghijklmnopqrstuvwxyz").Key!, "v7", new KeyHealth(Clock));
        foreach (var verdict in (Verdict[])[Verdict.Ok, Verdict.KeyLeaked, Verdict.CallerError, Verdict.ClientGone])
        {
            attempts.AttemptEnded(new AttemptRecord
            {
                Key = key,
                RequestId = "r-1",
                Attempt = 1,
                Method = "generateContent",
                Kind = CallKind.Generate,
                Model = "gemini-flash-latest",
                Verdict = verdict,
                Next = NextAction.Return,
                Status = 200,
                GoogleStatus = "OK",
                Duration = TimeSpan.FromSeconds(1),
                TimeToFirstByte = TimeSpan.FromSeconds(0.2),
                Cooldown = TimeSpan.FromMinutes(1),
                PromptTokens = 3,
                OutputTokens = 5,
            });
        }

        log.KeyStateChanged(key, new KeyStateChange(KeyState.Healthy, KeyState.Rejected, RefusalScope.Kind, new CallScope(CallKind.Generate, "gemini-flash-latest"), Verdict.KeyInvalid, TimeSpan.FromMinutes(1)), mask);
        log.RingChanged(new KeyRing([key]));
        log.VaultUnreachable(new VaultTrouble("denied", "A sentence.", 403));
        log.VaultReachable();
        log.FleetUnreachable(new FleetTrouble("denied", "A sentence.", 403));
        log.FleetReachable();
        log.ExpiredKeyUsed(key);
        log.AllKeysFailed(new AttemptTrail(new ProbeRequest("gemini-flash-latest", "r-1", CancellationToken.None), mask), skipped: 0, mask);
        log.KeysShareQuota(key, key, "projects/1", mask);
        log.Tell(new ModelChanged("gemini-flash-latest", key.Id, "gemini-3.7-flash", "gemini-3.8-flash"), mask);
        log.Tell(new ModelPinBroken("gemini-flash-latest", key.Id, "gemini-3.7-flash", "gemini-3.8-flash"), mask);
        log.Tell(new ModelRetiring("gemini-2.5-flash", key.Id, "gemini-2.5-flash", new ModelStatus(ModelStage.Legacy, Clock.GetUtcNow())), mask);
        log.Tell(new ModelRetired("gemini-2.5-flash", key.Id, "gemini-3.8-flash", 404), mask);
        log.ConfigurationInvalid("A sentence.");
        log.ConfigurationWarning("A sentence.");
        log.InternalError("r-1", Thrown(), mask);
        log.ClientRefused(3, "native");
    }

    // Only a fault that was thrown knows its place.
    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException();
        }
        catch (InvalidOperationException fault)
        {
            return fault;
        }
    }

    /// <summary>A standard output that nobody reads until it is opened.</summary>
    private sealed class GatedOutput : MemoryStream
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ManualResetEventSlim _open = new();

        public LogCapture Log { get; } = new();

        public Task Reached => _reached.Task;

        public void Open() => _open.Set();

        public override void Write(byte[] buffer, int offset, int count)
        {
            _reached.TrySetResult();
            _open.Wait();

            // The filling is no line.
            var text = Encoding.UTF8.GetString(buffer, offset, count);
            var lines = text.Split('\n').Where(line => line.StartsWith("{\"", StringComparison.Ordinal));
            foreach (var line in lines)
            {
                Log.Write(Encoding.UTF8.GetBytes(line + "\n"));
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (disposing)
            {
                _open.Dispose();
            }
        }
    }
}
