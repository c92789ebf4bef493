using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GeminiEdge.Failover.Forwarding;
using GeminiEdge.Failover.Telemetry;
using GeminiEdge.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Telemetry;

/// <summary>A measurement and its tags, in one line: <c>name tag=value tag=value</c>.</summary>
internal sealed record Measured(string Name, double Value, IReadOnlyDictionary<string, string> Tags)
{
    public string? Tag(string name) => Tags.GetValueOrDefault(name);
}

/// <summary>Hears one edge's metrics.</summary>
internal sealed class MetricCapture : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<Measured> _measured = new();

    public MetricCapture(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IReadOnlyCollection<Measured> All => _measured;

    /// <summary>Hears the metrics of an edge.</summary>
    public static MetricCapture Of(EdgeHost edge) => new(edge.Services.GetServices<FailoverObserver>().OfType<FailoverMetrics>().Single().Meter);

    public IEnumerable<Measured> Of(string name) => _measured.Where(each => each.Name == name);

    /// <summary>What the gauges say now.</summary>
    public IReadOnlyList<Measured> Observe()
    {
        var before = _measured.Count;
        _listener.RecordObservableInstruments();
        return [.. _measured.Skip(before)];
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var named = new Dictionary<string, string>();
        foreach (var (name, tag) in tags)
        {
            named[name] = $"{tag}";
        }

        _measured.Enqueue(new Measured(instrument.Name, value, named));
    }
}
