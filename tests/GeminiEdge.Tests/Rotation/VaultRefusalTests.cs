using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using GeminiEdge.Rotation;

namespace GeminiEdge.Tests.Rotation;

public class VaultRefusalTests
{
    private const string AccessPolicyWords =
        "The user, group or application 'appid=1;oid=2;iss=https://sts.windows.net/3/' does not have secrets set permission on key vault 'kv;location=westeurope'. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125287";

    /// <summary>What vaults have been seen to answer, and what they may; the kind, and the days that the words name.</summary>
    public static TheoryData<string, string?, string, string, int?, int?> Answers => new()
    {
        { "Forbidden", "ForbiddenByRbac", "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.", "Role", null, null },
        { "Forbidden", "ForbiddenByFirewall", "Client address is not authorized and caller is not a trusted service.", "Firewall", null, null },
        { "Forbidden", null, "Client address is not authorized and caller is not a trusted service.\r\nClient address: 203.0.113.10", "Firewall", null, null },
        { "Forbidden", "ForbiddenByConnection", "Public network access is disabled and request is not from a trusted service nor via an approved private link.", "Connection", null, null },
        { "Forbidden", "AccessDenied", AccessPolicyWords, "AccessPolicy", null, null },
        { "Forbidden", "ForbiddenByPolicy", AccessPolicyWords, "AccessPolicy", null, null },
        { "Forbidden", null, AccessPolicyWords, "AccessPolicy", null, null },
        { "AccessDenied", null, "Access denied", "AccessPolicy", null, null },
        { "Forbidden", "ForbiddenByPolicy", "Secrets should have expiration date set", "Policy", null, null },
        { "Forbidden", null, "Operation was disallowed by policy 'Key Vault secrets should have an expiration date'.", "Policy", null, null },
        { "RequestDisallowedByPolicy", null, "Resource 'x' was disallowed by policy. See error details for policy resource IDs.", "Policy", null, null },
        { "Forbidden", "ForbiddenByPolicy", "", "Policy", null, null },
        { "Forbidden", "PolicyViolation", "Secrets should have content type set", "Policy", null, null },
        { "Forbidden", null, "Secrets must have an expiry.", "Policy", null, null },
        { "Forbidden", null, "", "Unsaid", null, null },
        { "Forbidden", null, "Forbidden", "Unsaid", null, null },
        { "Forbidden", "ForbiddenByPolicy", "'Secrets should have the specified maximum validity period' (maximumValidityInDays: 90)", "Policy", 90, null },
        { "Forbidden", "ForbiddenByPolicy", "parameters: {\"maximumValidityInDays\":{\"value\":365}}, expiration", "Policy", 365, null },
        { "Forbidden", "ForbiddenByPolicy", "Secrets must expire within 30 days.", "Policy", 30, null },
        { "Forbidden", "ForbiddenByPolicy", "A secret needs an expiry of at most 90 days.", "Policy", 90, null },
        { "Forbidden", "ForbiddenByPolicy", "The expiry may be no more than 12 months away.", "Policy", 360, null },
        { "Forbidden", "ForbiddenByPolicy", "Secrets may not be valid for longer than 1 year.", "Policy", 365, null },
        { "Forbidden", "ForbiddenByPolicy", "The validity must not be more than 60 days, and not less than 7 days.", "Policy", 60, 7 },
        { "Forbidden", "ForbiddenByPolicy", "Expiry is limited to 180 days; 200 were asked for.", "Policy", 180, null },
        { "Forbidden", "ForbiddenByPolicy", "Secrets expire after 45 days here.", "Policy", 45, null },
        { "Forbidden", "ForbiddenByPolicy", "Secrets should have more than the specified number of days before expiration (minimumDaysBeforeExpiration: 30)", "Policy", null, 30 },
        { "Forbidden", "ForbiddenByPolicy", "At least 14 days must be left before expiration.", "Policy", null, 14 },
        { "Forbidden", "ForbiddenByPolicy", "The expiry has to be 90 days or less from now.", "Policy", 90, null },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void Of_AnAnswerOfAVault_TellsWhoSaysNoAndHowLongItAllows(string code, string? inner, string message, string kind, int? atMost, int? atLeast)
    {
        var refusal = VaultRefusal.Of(Answer(code, inner, message), null)!;

        Assert.Equal(
            (kind, atMost, atLeast),
            (refusal.Kind.ToString(), (int?)refusal.AtMost?.TotalDays, (int?)refusal.AtLeast?.TotalDays));
    }

    [Fact]
    public void Of_AnotherStatus_IsNone() => Assert.Null(VaultRefusal.Of(new RequestFailedException(404, "policy"), null));

    [Fact]
    public void Of_PageOfAFrontEnd_SaysNothing()
    {
        var refusal = VaultRefusal.Of(new RequestFailedException(new Answered("<html>Forbidden</html>")), null)!;

        Assert.Equal((RefusalKind.Unsaid, ""), (refusal.Kind, refusal.Text));
    }

    [Fact]
    public void Of_AnswerThatQuotesTheKey_DoesNotShowIt()
    {
        const string key = "AIzaSy-a-key-that-was-to-be-written";

        var refusal = VaultRefusal.Of(Answer("Forbidden", "ForbiddenByPolicy", $"The value\n{key} of the secret has no expiry, by policy"), key)!;

        Assert.Equal($"The value {new string('*', key.Length)} of the secret has no expiry, by policy", refusal.Text);
    }

    [Theory]
    [InlineData("write GEMINI-EDGE-ROTATION", true, "without an expiry", "--max-age 90d")]
    [InlineData("write GEMINI-EDGE-ROTATION", false, "access policies", "the secret permission set: have whoever")]
    [InlineData("read GEMINI-API-KEY-OLD", false, "access policies", "the secret permission get: have whoever")]
    [InlineData("list the versions of GEMINI-EDGE-ROTATION", false, "access policies", "the secret permission list: have whoever")]
    public void Sentence_ForbiddenWithoutAWord_NamesWhatItCanBe(string doing, bool isWrite, string what, string todo)
    {
        var refusal = VaultRefusal.Of(Answer("Forbidden", null, "Forbidden"), null)!;

        var sentence = RefusalSentence.Of(isWrite ? refusal : refusal with { Kind = RefusalKind.AccessPolicy }, doing, isWrite ? SecretTerms.None : null, new Uri("https://kv.vault.azure.net/"));

        Assert.Contains(what, sentence, StringComparison.Ordinal);
        Assert.Contains(todo, sentence, StringComparison.Ordinal);
        Assert.Contains("az keyvault set-policy --name kv ", sentence, StringComparison.Ordinal);
        Assert.Contains("https://kv.vault.azure.net", sentence, StringComparison.Ordinal);
    }

    private static RequestFailedException Answer(string code, string? inner, string message)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = message };
        if (inner is not null)
        {
            error["innererror"] = new JsonObject { ["code"] = inner };
        }

        return new RequestFailedException(new Answered(new JsonObject { ["error"] = error }.ToJsonString()));
    }

    /// <summary>A 403 as the SDK hands it on.</summary>
    private sealed class Answered : Response
    {
        public Answered(string body) => ContentStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(body));

        public override int Status => 403;

        public override string ReasonPhrase => "Forbidden";

        public override Stream? ContentStream { get; set; }

        public override string ClientRequestId { get; set; } = "";

        public override void Dispose() => ContentStream?.Dispose();

        protected override bool TryGetHeader(string name, out string value)
        {
            value = "";
            return false;
        }

        protected override bool TryGetHeaderValues(string name, out IEnumerable<string> values)
        {
            values = [];
            return false;
        }

        protected override bool ContainsHeader(string name) => false;

        protected override IEnumerable<HttpHeader> EnumerateHeaders() => [];
    }
}
