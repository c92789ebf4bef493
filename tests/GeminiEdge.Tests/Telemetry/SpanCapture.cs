using System.Collections.Concurrent;
using System.Diagnostics;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Telemetry;

/// <summary>Hears the edge's spans as an exporter does: those of unsampled parents are not recorded.</summary>
internal sealed class SpanCapture : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _spans = new();

    public SpanCapture()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == EdgeSpans.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent == default || options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans that have ended, of every edge in the process.</summary>
    public IReadOnlyCollection<Activity> All => _spans;

    /// <summary>A trace of a caller's.</summary>
    public static (ActivityTraceId Trace, ActivitySpanId Span, string Header) NewTrace(bool isSampled = true)
    {
        var (trace, span) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());
        return (trace, span, $"00-{trace}-{span}-{(isSampled ? "01" : "00")}");
    }

    /// <summary>A trace's request and its attempts in the order in which they began, when the request has ended.</summary>
    public async Task<(Activity Request, IReadOnlyList<Activity> Attempts)> WaitForAsync(ActivityTraceId trace)
    {
        await Eventually.IsAsync(() => Of(trace).Any(span => span.Kind != ActivityKind.Client));
        return (Of(trace).Single(span => span.Kind != ActivityKind.Client), [.. Of(trace).Where(span => span.Kind == ActivityKind.Client).OrderBy(span => span.StartTimeUtc)]);
    }

    public void Dispose() => _listener.Dispose();

    private IEnumerable<Activity> Of(ActivityTraceId trace) => _spans.Where(span => span.TraceId == trace);
}
