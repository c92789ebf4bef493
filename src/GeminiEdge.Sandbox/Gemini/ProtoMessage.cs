using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace GeminiEdge.Sandbox.Gemini;

/// <summary>A message of Google's API: its fields by their names, in camel case and in snake case.</summary>
internal sealed class ProtoMessage(string name, bool isOpen = false)
{
    private readonly Dictionary<string, ProtoField> _fields = new(StringComparer.Ordinal);

    public string Name => name;

    public bool IsOpen => isOpen;

    public ProtoMessage With(ProtoField field, params ReadOnlySpan<string> names)
    {
        foreach (var camel in names)
        {
            _fields[camel] = field;
            _fields[JsonNamingPolicy.SnakeCaseLower.ConvertName(camel)] = field;
        }

        return this;
    }

    public bool TryGet(string field, [NotNullWhen(true)] out ProtoField? found) => _fields.TryGetValue(field, out found);
}
