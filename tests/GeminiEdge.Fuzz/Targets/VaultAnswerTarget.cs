using System.Text;
using Azure.Core;
using Azure.Security.KeyVault.Secrets;
using GeminiEdge.Failover.Keys;

namespace GeminiEdge.Fuzz.Targets;

/// <summary>
/// What Key Vault answers of a slot's secret and of the list of leaked keys, each a status and a body below it, with a line of
/// dashes between. The SDK reads them as it does in Azure.
/// </summary>
internal static class VaultAnswerTarget
{
    private static readonly FixedToken Token = new();

    public static void Run(byte[] input)
    {
        var text = FuzzInput.Letters(input);
        var between = text.IndexOf("\n---\n", StringComparison.Ordinal);
        var slot = Answer(between < 0 ? text : text[..between]);
        var leaked = between < 0 ? (404, Encoding.UTF8.GetBytes("""{"error":{"code":"SecretNotFound"}}""")) : Answer(text[(between + 5)..]);
        var transport = new FixedTransport(request => request.Uri.Path.Contains(LeakedKeys.Secret, StringComparison.Ordinal) ? leaked : slot);
        var client = new SecretClient(new Uri("https://vault.example"), Token, new SecretClientOptions
        {
            Transport = transport,
            Retry = { MaxRetries = 0 },
            Diagnostics = { IsDistributedTracingEnabled = false, IsLoggingEnabled = false, IsTelemetryEnabled = false },
        });

        var reading = new VaultKeySource(client, StillTime.Provider).ReadAsync([KeySlot.Primary, KeySlot.Secondary]).GetAwaiter().GetResult();
        foreach (var secret in reading.Slots.Values.Append(reading.Leaked))
        {
            Promise.That(secret.Text is null || (secret.Trouble is null && !secret.IsDisabled), "A reading is a text, nothing, or trouble.");
            CheckSentence(secret.Trouble?.Sentence, secret.Text);
        }

        CheckRing(reading);
    }

    private static void CheckRing(VaultReading reading)
    {
        var ring = new VaultRing();
        var first = ring.Take(reading, [], StillTime.Now);
        Promise.That(reading.Trouble is not null || !ring.IsNews(reading), "What was taken is no news.");
        var current = FakeKeys.Ring.Keys.Select(key => new SlotValue(key.Slot, key.Key)).ToList();
        var second = ring.Take(reading, [.. current], StillTime.Now);
        var leaked = reading.Leaked.Text is { } list ? LeakedKeys.Parse(list) ?? LeakedKeys.None : LeakedKeys.None;
        foreach (var change in (VaultRingChange[])[first, second])
        {
            Promise.That(!change.Values.Any(value => leaked.Contains(value.Key)), "No leaked key is in a ring.");
            foreach (var warning in change.Warnings)
            {
                CheckSentence(warning, null);
                Promise.That(!change.Values.Any(value => warning.Contains(value.Key.Reveal(), StringComparison.Ordinal)), "A warning holds no key.");
            }
        }

        Promise.That(!second.Values.IsEmpty || current.All(value => leaked.Contains(value.Key)), "A ring is never exchanged for an empty one.");
        Promise.That(reading.Trouble is null || second.Values.SequenceEqual(current.Where(value => !leaked.Contains(value.Key))), "Trouble changes nothing.");
    }

    private static void CheckSentence(string? sentence, string? secret)
    {
        Promise.That(sentence is null || sentence.EndsWith('.'), "What is said is a sentence.");
        Promise.That(sentence is null || secret is not { Length: >= ApiKey.MinimumLength } || !sentence.Contains(secret, StringComparison.Ordinal), "A sentence holds no secret.");
    }

    private static (int Status, byte[] Body) Answer(string text)
    {
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        var status = int.TryParse(end < 0 ? text : text[..end], out var number) && number is >= 200 and <= 599 ? number : 200;
        return (status, Encoding.Latin1.GetBytes(text[(end + 1)..]));
    }

    private sealed class FixedToken : TokenCredential
    {
        private static readonly AccessToken Any = new("none", DateTimeOffset.MaxValue);

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => Any;

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(Any);
    }
}
