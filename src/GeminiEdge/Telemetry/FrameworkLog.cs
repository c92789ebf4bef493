using Microsoft.Extensions.Logging;

namespace GeminiEdge.Telemetry;

/// <summary>Sends what the framework has to say into the same pipe, masked: its exceptions can quote anything.</summary>
internal sealed class FrameworkLog(LogSink sink, KeyMask mask) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, sink, mask);

    public void Dispose()
    {
        // Holds nothing of its own.
    }

    private sealed class Logger(string category, LogSink sink, KeyMask mask) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                sink.End(sink.Begin("framework", logLevel)
                    .Add("category", category)
                    .Add("message", mask.Clean(formatter(state, exception)))
                    .Add("exception", exception is null ? null : mask.Clean(exception.ToString())));
            }
        }
    }
}
