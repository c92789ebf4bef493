using System.Buffers;
using System.Text.Json;
using GeminiEdge.Endpoints;
using GeminiEdge.Failover.Keys;
using GeminiEdge.Failover.Models;

namespace GeminiEdge.Status;

/// <summary>
/// What has changed since it was last asked, as server-sent events: the objects of the snapshot. For one reader.
/// </summary>
internal sealed class StatusNews(StatusBoard board, StatusJson objects, KeyRingProvider ring, KeyRefresher refresher, ModelMemory models) : IDisposable
{
    // Nobody reads faster: of a burst the last ones are shown, and the minutes count them all.
    private const int MostAttempts = 50;

    private readonly ArrayBufferWriter<byte> _events = new();
    private readonly ArrayBufferWriter<byte> _object = new();
    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonAnswer.Plain);
    private readonly Dictionary<string, byte[]> _told = new(StringComparer.Ordinal);
    private long _nextAttempt;
    private long _nextEvent;
    private KeyRing _ring = KeyRing.Empty;

    /// <summary>Everything up to now is known.</summary>
    public void Skip() => Read();

    /// <summary>The events, or nothing.</summary>
    public byte[] Read()
    {
        // Of an instance that nobody uses a page would show the keys of long ago.
        refresher.Touch();
        _events.ResetWrittenCount();
        var reading = board.Read(_nextAttempt, _nextEvent);
        (_nextAttempt, _nextEvent) = (reading.NextAttempt, reading.NextEvent);
        foreach (var seen in reading.Events)
        {
            Tell("change"u8, json => objects.Write(json, seen));
        }

        var keys = ring.Current;
        if (!ReferenceEquals(keys, _ring))
        {
            _ring = keys;
            _told.Clear();
            Tell("ring"u8, json =>
            {
                json.WriteStartArray();
                foreach (var key in keys.Keys)
                {
                    objects.Write(json, key, reading.Of(key), withMinutes: true);
                }

                json.WriteEndArray();
            });
        }

        foreach (var seen in reading.Attempts.Skip(reading.Attempts.Length - MostAttempts))
        {
            Tell("attempt"u8, json => objects.Write(json, seen));
        }

        foreach (var key in keys.Keys)
        {
            TellChanged("key"u8, $"key {key.Slot}", json => objects.Write(json, key, reading.Of(key), withMinutes: false));
        }

        if (reading.Minutes is [.., var minute])
        {
            TellChanged("minute"u8, "minute", json => StatusJson.Write(json, minute));
        }

        if (reading.Attempts.Length > 0)
        {
            foreach (var model in models.Look())
            {
                TellChanged("model"u8, $"model {model.Model}", json => objects.Write(json, model));
            }
        }

        return _events.WrittenSpan.ToArray();
    }

    public void Dispose() => _json.Dispose();

    private void Tell(ReadOnlySpan<byte> name, Action<Utf8JsonWriter> write)
    {
        Write(write);
        Append(name);
    }

    private void TellChanged(ReadOnlySpan<byte> name, string what, Action<Utf8JsonWriter> write)
    {
        Write(write);
        if (!_told.TryGetValue(what, out var told) || !_object.WrittenSpan.SequenceEqual(told))
        {
            _told[what] = _object.WrittenSpan.ToArray();
            Append(name);
        }
    }

    private void Write(Action<Utf8JsonWriter> write)
    {
        _object.ResetWrittenCount();
        _json.Reset(_object);
        write(_json);
        _json.Flush();
    }

    private void Append(ReadOnlySpan<byte> name)
    {
        _events.Write("event: "u8);
        _events.Write(name);
        _events.Write("\ndata: "u8);
        _events.Write(_object.WrittenSpan);
        _events.Write("\n\n"u8);
    }
}
