using GeminiEdge.Access;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>What somebody pasted where a key belongs: a key, nothing, or a sentence that doesn't quote it.</summary>
internal static class SecretValueTarget
{
    public static void Run(byte[] input)
    {
        var value = FuzzInput.Text(input);
        var secret = SecretValue.Of(value);
        var (key, refusal) = ApiKey.Create(value);
        Promise.That(key is null != refusal is null, "A value is a key, or why it is none is said.");
        Promise.That(secret.Key is null || secret.Key.Equals(key), "A secret's key is the value's.");
        Promise.That(!secret.IsEmpty || value.Trim().Equals("none", StringComparison.OrdinalIgnoreCase), "One word empties a slot.");
        if (key is not null)
        {
            CheckKey(key, value);
        }

        // Whatever it is, it may be a key with something about it.
        var quoted = value.Trim();
        Promise.That(refusal is null || quoted.Length < ApiKey.MinimumLength || !refusal.Contains(quoted, StringComparison.Ordinal), "A refusal never quotes the value.");
        CheckPasted(value);
        CheckPresented(value);
    }

    private static void CheckKey(ApiKey key, string value)
    {
        Promise.Same(value.Trim(), key.Reveal(), "A key is what was stored, trimmed.");
        Promise.That(key.Reveal().Length is >= ApiKey.MinimumLength and <= 1024 && key.Reveal().All(letter => letter is > ' ' and <= '~'), "A key goes into a header.");
        Promise.Same((4, key.Id), (key.Id.Length, key.ToString()), "A key shows its last four letters.");
    }

    private static void CheckPasted(string value)
    {
        var core = PastedKey.Core(value);
        Promise.That(value.Contains(core, StringComparison.Ordinal), "The core of a value is a part of it.");
        _ = PastedKey.IsIn(value);
        _ = Placeholder.Is(value);
    }

    private static void CheckPresented(string value)
    {
        var (keys, refusal) = PresentedKeys.Parse(value);
        Promise.That(refusal is null || keys.IsEmpty, "Of a list that is refused no key counts.");
        Promise.That(!keys.Contains("") && !keys.Contains(value.AsSpan(0, Math.Min(value.Length, ApiKey.MinimumLength - 1))), "What can be guessed is no key.");
        foreach (var key in keys.Values)
        {
            Promise.That(keys.Contains(key) && !keys.Contains(key + "\0") && !keys.Contains(key[..^1] + '\u0100'), "A key opens, and nothing that only looks like it.");
        }
    }
}
