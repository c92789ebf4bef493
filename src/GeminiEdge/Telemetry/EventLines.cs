using GeminiEdge.Failover.Keys;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Telemetry;

/// <summary>
/// Writes what <c>ILogger</c> hears into the same lines, masked: an event of ours with its name and fields, and what the
/// framework has to say as <c>framework</c>, because its exceptions can quote anything.
/// </summary>
internal sealed class EventLines(JsonLines lines, KeyMask mask) : ILoggerProvider
{
    /// <summary>The beginning of the categories whose events are the edge's own.</summary>
    public const string OwnCategories = nameof(GeminiEdge);

    /// <summary>
    /// A category that is not heard: whoever hears it pays for an <c>Activity</c> and a scope with each request, and what it tells
    /// of, an app that does not start and a request that fails, others tell too.
    /// </summary>
    public const string Hosting = "Microsoft.AspNetCore.Hosting.Diagnostics";

    public ILogger CreateLogger(string categoryName) =>
        new Logger(categoryName, categoryName.StartsWith(OwnCategories + ".", StringComparison.Ordinal), lines, mask);

    public void Dispose()
    {
        // Holds nothing of its own.
    }

    private sealed class Logger(string category, bool isOwn, JsonLines lines, KeyMask mask) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= (isOwn ? LogLevel.Information : LogLevel.Warning);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }

            if (isOwn && eventId.Name is { } name && state is IReadOnlyList<KeyValuePair<string, object?>> fields)
            {
                Write(name, logLevel, fields);
                return;
            }

            lines.End(lines.Begin("framework", logLevel)
                .Add("category", category)
                .Add("message", mask.Clean(formatter(state, exception)))
                .Add("exception", exception is null ? null : mask.Clean(exception.ToString())));
        }

        private void Write(string name, LogLevel level, IReadOnlyList<KeyValuePair<string, object?>> fields)
        {
            var line = lines.Begin(name, level);
            foreach (var (field, value) in fields)
            {
                // The template that the others fill in for people to read.
                if (field != "{OriginalFormat}")
                {
                    _ = value switch
                    {
                        int number => line.Add(field, number),
                        long number => line.Add(field, number),
                        bool flag => line.Add(field, flag),
                        _ => line.Add(field, value is null ? null : mask.Clean($"{value}")),
                    };
                }
            }

            lines.End(line);
        }
    }
}
