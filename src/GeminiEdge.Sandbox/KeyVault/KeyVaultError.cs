using System.Text.Json.Nodes;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>An error as the vault words it.</summary>
internal sealed record KeyVaultError(int Status, string Code, string Message, string? InnerCode = null)
{
    public JsonObject ToJson()
    {
        var error = new JsonObject { ["code"] = Code, ["message"] = Message };
        if (InnerCode is not null)
        {
            error["innererror"] = new JsonObject { ["code"] = InnerCode };
        }

        return new() { ["error"] = error };
    }
}
