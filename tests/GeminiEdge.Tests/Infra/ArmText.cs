using System.Globalization;
using System.Text;

namespace GeminiEdge.Tests.Infra;

/// <summary>
/// Evaluates what a snapshot leaves open in a text, because only Azure knows it: <c>[format(…)]</c> with the addresses of
/// the public cloud, and <c>reference('…/name', …).property</c>, which becomes <c>{name.property}</c>.
/// </summary>
internal ref struct ArmText
{
    private readonly ReadOnlySpan<char> _text;
    private int _at;

    private ArmText(ReadOnlySpan<char> text) => _text = text;

    public static string Evaluate(string text)
    {
        if (!text.StartsWith('[') || !text.EndsWith(']'))
        {
            return text;
        }

        var expression = new ArmText(text.AsSpan(1, text.Length - 2));
        var value = expression.Value();
        return expression._at == expression._text.Length ? value : throw new FormatException($"Not understood from {expression._at} on: {text}");
    }

    private string Value()
    {
        if (_text[_at] == '\'')
        {
            return Literal();
        }

        var name = Word();
        var arguments = new List<string>();
        Expect('(');
        while (_text[_at] != ')')
        {
            arguments.Add(Value());
            while (_text[_at] is ',' or ' ')
            {
                _at++;
            }
        }

        Expect(')');
        var path = new List<string>();
        while (_at < _text.Length && _text[_at] == '.')
        {
            _at++;
            path.Add(Word());
        }

        return (name, string.Join('.', path)) switch
        {
            ("format", "") => string.Format(CultureInfo.InvariantCulture, arguments[0], [.. arguments.Skip(1)]),
            ("environment", "suffixes.storage") => "core.windows.net",
            ("environment", "suffixes.keyvaultDns") => ".vault.azure.net",
            ("reference", { Length: > 0 } property) => $"{{{arguments[0].Split('/')[^1]}.{property}}}",
            var (function, property) => throw new FormatException($"{function}(){property} is not understood."),
        };
    }

    private string Literal()
    {
        var literal = new StringBuilder();
        for (_at++; _text[_at] != '\'' || (_at + 1 < _text.Length && _text[_at + 1] == '\''); _at++)
        {
            _at += _text[_at] == '\'' ? 1 : 0;
            literal.Append(_text[_at]);
        }

        _at++;
        return literal.ToString();
    }

    private string Word()
    {
        var start = _at;
        while (_at < _text.Length && char.IsAsciiLetterOrDigit(_text[_at]))
        {
            _at++;
        }

        return _text[start.._at].ToString();
    }

    private void Expect(char c)
    {
        if (_text[_at++] != c)
        {
            throw new FormatException($"Expected {c} at {_at - 1}: {_text}");
        }
    }
}
