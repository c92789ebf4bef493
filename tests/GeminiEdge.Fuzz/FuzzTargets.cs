using System.Collections.Immutable;
using GeminiEdge.Fuzz.Targets;

namespace GeminiEdge.Fuzz;

/// <summary>Everything that is fuzzed.</summary>
internal static class FuzzTargets
{
    public static readonly ImmutableArray<FuzzTarget> All =
    [
        new("raw-target", 16_000, RequestTarget.Run),
        new("call-body", 10_000, CallBodyTarget.Run),
        new("generate-request", 20_000, GenerateRequestTarget.Run),
        new("compressed-body", 7_000, CompressedBodyTarget.Run),
        new("error-body", 6_000, ErrorBodyTarget.Run),
        new("answer-stream", 2_000, AnswerStreamTarget.Run),
        new("answer-piece", 8_000, AnswerPieceTarget.Run),
        new("key-mask", 6_000, KeyMaskTarget.Run),
        new("upload-address", 12_000, UploadAddressTarget.Run),
        new("upload-ticket", 12_000, UploadTicketTarget.Run),
        new("vault-answer", 2_000, VaultAnswerTarget.Run),
        new("google-keys", 4_000, GoogleKeysTarget.Run),
        new("secret-value", 7_000, SecretValueTarget.Run),
        new("leaked-list", 14_000, LeakedListTarget.Run),
        new("register-row", 4_000, RegisterRowTarget.Run),
        new("settings", 6_000, SettingsTarget.Run),
        new("small-texts", 14_000, SmallTextsTarget.Run),
    ];

    public static FuzzTarget? Find(string name) => All.FirstOrDefault(target => target.Name == name);
}
