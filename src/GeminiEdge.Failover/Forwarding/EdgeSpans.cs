using System.Diagnostics;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>The source of spans: one for each request, one for each attempt. Nothing is made while nobody listens.</summary>
internal static class EdgeSpans
{
    /// <summary>The name of the source, and of the meter beside it: a public interface.</summary>
    public const string Name = "GeminiEdge";

    /// <summary>An attempt's name until it has ended: then it is named as its operation.</summary>
    public const string Attempt = "gemini_edge.attempt";

    public static readonly ActivitySource Source = new(Name);

    /// <summary>Begins an attempt's span below the caller's; null while nobody wants it.</summary>
    public static Activity? BeginAttempt() => Source.HasListeners() ? Begin() : null;

    /// <summary>Ends it without a word, if nobody has ended it: the attempt met a fault of the edge's own.</summary>
    public static void Abandon(Activity? span)
    {
        if (span is { IsStopped: false })
        {
            Stop(span.SetStatus(ActivityStatusCode.Error));
        }
    }

    /// <summary>Ends a span, and leaves alone which one is current: attempts begin and end beside each other.</summary>
    public static void Stop(Activity span)
    {
        var current = Activity.Current;
        span.Stop();
        Activity.Current = current;
    }

    private static Activity? Begin()
    {
        var current = Activity.Current;
        var span = Source.StartActivity(Attempt, ActivityKind.Client);
        Activity.Current = current;
        return span;
    }
}
