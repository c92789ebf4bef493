namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>A deleted secret and when it will be gone.</summary>
internal sealed record DeletedSecret(SecretVersion Latest, DateTimeOffset DeletedOn, DateTimeOffset PurgedOn);
