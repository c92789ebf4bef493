using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace GeminiEdge.Tests.Failover;

/// <summary>What an app's <see cref="ILogger"/> hears: each event with its name, its fields and its text.</summary>
internal sealed class EventCapture : ILoggerProvider, ILoggerFactory
{
    private readonly ConcurrentQueue<LoggedEvent> _events = new();

    public IReadOnlyList<LoggedEvent> Events => [.. _events];

    public IReadOnlyList<LoggedEvent> Named(string name) => [.. _events.Where(e => e.Name == name)];

    public ILogger CreateLogger(string categoryName) => new Logger(_events);

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<LoggedEvent> events) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            events.Enqueue(new(logLevel, eventId.Name ?? "", ((IReadOnlyList<KeyValuePair<string, object?>>)state!).ToDictionary(), formatter(state, exception)));
    }
}

internal sealed record LoggedEvent(LogLevel Level, string Name, IReadOnlyDictionary<string, object?> Fields, string Text);
