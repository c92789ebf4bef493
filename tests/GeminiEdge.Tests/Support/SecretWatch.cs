using System.Collections.Concurrent;
using System.Text;

namespace GeminiEdge.Tests.Support;

/// <summary>
/// Looks through everything that a test's edge let out (log lines, headers, bodies) for key material: eight
/// consecutive characters of an upstream key, or a whole key that callers present.
/// </summary>
internal sealed class SecretWatch
{
    private readonly ConcurrentQueue<(string Where, string Text)> _seen = new();
    private readonly ConcurrentDictionary<string, bool> _upstreamKeys = new();
    private readonly ConcurrentDictionary<string, bool> _callerKeys = new();

    public void AddUpstreamKey(string key) => _upstreamKeys[key] = true;

    public void AddCallerKey(string key) => _callerKeys[key] = true;

    public void See(string where, string text) => _seen.Enqueue((where, text));

    public void See(string where, ReadOnlySpan<byte> bytes) => See(where, Encoding.Latin1.GetString(bytes));

    /// <summary>Fails, naming the place and never the key.</summary>
    public void AssertClean()
    {
        foreach (var (where, text) in _seen)
        {
            foreach (var key in _upstreamKeys.Keys)
            {
                Assert.False(Runs(key).Any(run => text.Contains(run, StringComparison.Ordinal)), $"{where} holds a piece of the key …{key[^4..]}");
            }

            foreach (var key in _callerKeys.Keys)
            {
                Assert.False(text.Contains(key, StringComparison.Ordinal), $"{where} holds the caller's key …{key[^4..]}");
            }
        }
    }

    private static IEnumerable<string> Runs(string key) => Enumerable.Range(0, key.Length - 7).Select(start => key.Substring(start, 8));
}
