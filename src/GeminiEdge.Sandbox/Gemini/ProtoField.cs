namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What a field of a request holds, as far as Google's refusals tell types apart.</summary>
internal enum ProtoType
{
    String,
    Bool,
    Int32,
    Int64,
    Float,
    Double,
    Bytes,
    Enum,
    Message,

    /// <summary>A JSON object of any kind.</summary>
    Struct,

    /// <summary>Any JSON.</summary>
    Value,
}

/// <summary>A field of a request.</summary>
/// <param name="IsMap">An object whose members, by any name, are each of the type.</param>
/// <param name="Message">Of a message: what it holds. Null of an enum, and of a message that is not looked into.</param>
/// <param name="TypeName">Of an enum or a message: its name in Google's package.</param>
/// <param name="Names">Of an enum: what it may be, if that is known.</param>
internal sealed record ProtoField(
    ProtoType Type, bool IsRepeated = false, bool IsMap = false, ProtoMessage? Message = null, string? TypeName = null, params string[] Names)
{
    private const string Package = "type.googleapis.com/google.ai.generativelanguage.v1beta.";

    public ProtoField Repeated => this with { IsRepeated = true };

    public ProtoField Map => this with { IsMap = true };

    /// <summary>The type as Google's refusals name it.</summary>
    public string Title => Type is ProtoType.Enum or ProtoType.Message ? Package + (Message?.Name ?? TypeName)
        : Type == ProtoType.Struct ? "type.googleapis.com/google.protobuf.Struct"
        : $"TYPE_{Type.ToString().ToUpperInvariant()}";
}
