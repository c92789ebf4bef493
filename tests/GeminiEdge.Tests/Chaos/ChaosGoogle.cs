using System.Collections.Concurrent;
using GeminiEdge.Failover.Verdicts;
using GeminiEdge.Tests.Support;

namespace GeminiEdge.Tests.Chaos;

/// <summary>One request as it came over the network.</summary>
/// <param name="Caller">The number of the caller's request; empty for a probe.</param>
/// <param name="Body">The answer's body, had it been sent whole.</param>
/// <param name="IsGood">It was a right answer, and all of it was sent.</param>
/// <param name="IsStalled">It got no end.</param>
internal sealed record ChaosAttempt(string Caller, string Key, string Model, string Id, string Body, bool IsGood, bool IsStalled);

/// <summary>Google, whose keys die and revive, whose models are overloaded, and behind whose network anything breaks. All of it follows from the seed.</summary>
internal sealed class ChaosGoogle(int seed)
{
    public const string Url = "http://127.0.0.1:1";
    public const int Chunks = 5;

    private static readonly Verdict[] Troubles = [Verdict.KeyInvalid, Verdict.KeyBlocked, Verdict.QuotaMinute, Verdict.QuotaDay, Verdict.BillingExhausted, Verdict.UpstreamError, Verdict.KeyLeaked];

    private readonly ConcurrentDictionary<string, Verdict> _keys = [];
    private readonly ConcurrentDictionary<string, int> _numbers = [];

    /// <summary>The share of answers that the network spoils, in percent.</summary>
    public int Spoiled { get; set; }

    /// <summary>Every key hears that the model is overloaded.</summary>
    public bool IsStorm { get; set; }

    /// <summary>Every request that has arrived.</summary>
    public ConcurrentQueue<ChaosAttempt> Attempts { get; } = new();

    /// <summary>Keys that an answer, or the lack of one, has said something against; asked again after a restart.</summary>
    public ConcurrentDictionary<string, bool> Failed { get; } = [];

    public IReadOnlyCollection<string> Keys => [.. _keys.Keys.Order(StringComparer.Ordinal)];

    public string NewKey()
    {
        var key = $"AIzaSy{new Random(seed + (7919 * (_keys.Count + 1))).GetHexString(33, lowercase: true)}";
        _keys[key] = Verdict.Ok;
        return key;
    }

    public void Fail(string key, int how) => _keys[key] = Troubles[how % Troubles.Length];

    public void Revive(string key) => _keys[key] = Verdict.Ok;

    /// <summary>Every key works again, but those that have leaked.</summary>
    public void Heal()
    {
        (Spoiled, IsStorm) = (0, false);
        foreach (var key in _keys.Where(key => key.Value != Verdict.KeyLeaked).Select(key => key.Key))
        {
            Revive(key);
        }
    }

    /// <summary>Answers the request with this head.</summary>
    public ChaosAnswer Answer(string head)
    {
        var lines = head.Split("\r\n");
        var (target, key, caller) = (lines[0].Split(' ')[1], Header(lines, "x-goog-api-key"), Header(lines, "User-Agent"));
        var number = _numbers.AddOrUpdate(caller, 1, (_, count) => count + 1);
        var random = new Random(HashCode(caller, number));
        var id = $"u{caller}x{number}";
        var framing = random.Next(3);
        var state = !_keys.TryGetValue(key, out var known) ? Verdict.KeyInvalid : caller.Length > 0 && IsStorm && known == Verdict.Ok ? Verdict.Overloaded : known;
        if (state == Verdict.Ok && caller.StartsWith('p'))
        {
            state = Verdict.CallerError;
        }

        var (contentType, body) = state == Verdict.Ok ? Right(target, id) : ("application/json", Wrong(state, key));
        var whole = state == Verdict.Ok
            ? ChaosAnswer.Of(200, contentType, body, framing)
            : ChaosAnswer.Of(UpstreamAnswers.Status(state), contentType, body, framing, $"x-debug: consumer=api_key:{key};\r\n");
        var answer = Spoil(random, whole, caller.Length > 0);
        if (answer.IsSpoiled || state is not (Verdict.Ok or Verdict.CallerError))
        {
            Failed[key] = true;
        }

        Attempts.Enqueue(new ChaosAttempt(caller, key, target.Split("/models/")[^1].Split(':')[0], id, body, state == Verdict.Ok && !answer.IsSpoiled, answer.Answer.End == ChaosEnd.Stall));
        return answer.Answer;
    }

    private (ChaosAnswer Answer, bool IsSpoiled) Spoil(Random random, ChaosAnswer answer, bool mayBe)
    {
        if (!mayBe || random.Next(100) >= Spoiled)
        {
            return (answer, false);
        }

        var at = random.Next(answer.Sent.Length);
        return (random.Next(6) switch
        {
            0 => answer.Cut(at, ChaosEnd.Close),
            1 => answer.Cut(at, ChaosEnd.Reset),
            2 => answer.Cut(at, ChaosEnd.Stall),
            3 => answer.Cut(0, ChaosEnd.Reset),
            4 => new ChaosAnswer([.. Enumerable.Range(0, 200).Select(_ => (byte)random.Next(256))], ChaosEnd.Close),
            _ => ChaosAnswer.Of(503, "text/html", "<html>busy</html>", random.Next(3)),
        }, true);
    }

    private static (string ContentType, string Body) Right(string target, string id) =>
        target.Contains(":countTokens", StringComparison.Ordinal) ? ("application/json", $$"""{"totalTokens": 3, "id": "{{id}}.0"}""")
        : !target.Contains(":streamGenerateContent", StringComparison.Ordinal) ? ("application/json", Chunk(id, 0, isLast: true))
        : ("text/event-stream", GeminiChunk.Stream(sse: true, chunks: Enumerable.Range(0, Chunks).Select(index => Chunk(id, index, index == Chunks - 1))));

    private static string Chunk(string id, int index, bool isLast) => GeminiChunk.Parts($$"""[{"text":"{{id}}.{{index}} "}]""", isLast ? "STOP" : null);

    // An error quotes the key, as Google's do now and then.
    private static string Wrong(Verdict state, string key)
    {
        using var answer = UpstreamAnswers.Of(state, key);
        using var reader = new StreamReader(answer.Content.ReadAsStream());
        return string.Concat(reader.ReadToEnd().Where(char.IsAscii));
    }

    private static string Header(string[] lines, string name) =>
        lines.FirstOrDefault(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))?[(name.Length + 2)..] ?? "";

    // The same in every process.
    private int HashCode(string caller, int number) => caller.Aggregate((seed * 397) ^ number, (hash, letter) => unchecked((hash * 31) + letter));
}
