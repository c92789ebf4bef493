using System.Collections.Immutable;
using System.Text.Json;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Cli.Drill;

/// <summary>What an instance's log says of its ring and its vault; every other line is let go.</summary>
internal sealed class EdgeLines
{
    private readonly Lock _lock = new();
    private ImmutableArray<Line> _lines = [];
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The lines kept so far, in order.</summary>
    public ImmutableArray<Line> Kept
    {
        get
        {
            lock (_lock)
            {
                return _lines;
            }
        }
    }

    public void Take(string line)
    {
        // Nearly every line is about an attempt and not worth parsing.
        if (!line.Contains("\"ring_changed\"", StringComparison.Ordinal) && !line.Contains("\"vault_", StringComparison.Ordinal))
        {
            return;
        }

        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        var keys = root.TryGetProperty("keys", out var text) ? text.GetString()!.Split(' ') : [];
        lock (_lock)
        {
            _lines = _lines.Add(new Line(root.GetProperty("time").GetDateTimeOffset(), root.GetProperty("event").GetString()!, [.. keys]));
            _arrived.SetResult();
            _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>When the instance's ring first held this.</summary>
    public DateTimeOffset? Knows(SlotWrite write) => First(line => line.Name == "ring_changed" && line.At >= write.At && line.Holds(write));

    /// <summary>When an event first happened after a moment.</summary>
    public DateTimeOffset? First(string name, DateTimeOffset after) => First(line => line.Name == name && line.At >= after);

    /// <summary>Returns once the instance's ring holds this.</summary>
    public async Task WaitForAsync(SlotWrite write, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task arrived;
            lock (_lock)
            {
                arrived = _arrived.Task;
            }

            if (Knows(write) is not null)
            {
                return;
            }

            await arrived.WaitAsync(cancellationToken);
        }
    }

    private DateTimeOffset? First(Func<Line, bool> where) => Kept.FirstOrDefault(where)?.At;

    /// <summary>One line of the log.</summary>
    /// <param name="Keys">Of <c>ring_changed</c>, as <c>PRIMARY=abcd</c>.</param>
    internal sealed record Line(DateTimeOffset At, string Name, ImmutableArray<string> Keys)
    {
        // A key that has become PRIMARY meanwhile stands there alone: a ring holds each key once.
        public bool Holds(SlotWrite write) => Keys.Contains($"{write.Slot.Name()}={write.KeyId}") || Keys.Contains($"PRIMARY={write.KeyId}");
    }
}
