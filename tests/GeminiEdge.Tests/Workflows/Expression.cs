using System.Text.RegularExpressions;

namespace GeminiEdge.Tests.Workflows;

/// <summary>An expression of a workflow, as far as the workflows here use them; anything else fails the test.</summary>
/// <param name="read">The value of a context's property, as <c>steps.promote.outcome</c>: a string, a bool, or null.</param>
/// <param name="call">The value of a function without arguments.</param>
internal sealed partial class Expression(Func<string, object?> read, Func<string, bool> call)
{
    private Queue<string> _tokens = [];

    /// <summary>A text with each <c>${{ … }}</c> replaced by its value.</summary>
    public string Fill(string text) => Placeholder().Replace(text, match => Text(Value(match.Groups[1].Value)));

    /// <summary>Whether a step runs that has this condition.</summary>
    public bool Allows(string? condition)
    {
        var bare = condition is null ? "success()" : Placeholder().Replace(condition, "$1");
        return IsTrue(Value(StatusFunction().IsMatch(bare) ? bare : $"success() && ({bare})"));
    }

    private object? Value(string expression)
    {
        _tokens = new(Token().Matches(expression).Select(match => match.Value));
        Assert.Equal(expression.Replace(" ", "", StringComparison.Ordinal), string.Concat(_tokens).Replace(" ", "", StringComparison.Ordinal));
        var value = Or();
        Assert.Empty(_tokens);
        return value;
    }

    // Both sides are read, so that a name that isn't known fails the test whatever the other side is.
    private object? Or()
    {
        var left = And();
        while (Take("||"))
        {
            var right = And();
            left = IsTrue(left) ? left : right;
        }

        return left;
    }

    private object? And()
    {
        var left = Comparison();
        while (Take("&&"))
        {
            var right = Comparison();
            left = IsTrue(left) ? right : left;
        }

        return left;
    }

    private object? Comparison()
    {
        var left = Operand();
        return Take("==") ? AreEqual(left, Operand()) : Take("!=") ? !AreEqual(left, Operand()) : left;
    }

    private object? Operand()
    {
        if (Take("!"))
        {
            return !IsTrue(Operand());
        }

        var token = _tokens.Dequeue();
        if (token == "(")
        {
            var value = Or();
            Assert.True(Take(")"));
            return value;
        }

        return token.StartsWith('\'') ? token[1..^1].Replace("''", "'", StringComparison.Ordinal)
            : token is "true" or "false" ? token == "true"
            : Take("(") && Take(")") ? call(token)
            : read(token);
    }

    private bool Take(string token) => _tokens.TryPeek(out var next) && next == token && _tokens.Dequeue() == token;

    private static bool AreEqual(object? left, object? right) =>
        left is string or null && right is string or null ? string.Equals(Text(left), Text(right), StringComparison.OrdinalIgnoreCase)
        : left is bool && right is bool ? left.Equals(right)
        : throw new NotSupportedException("Only values of one kind are compared here.");

    private static bool IsTrue(object? value) => value switch { bool truth => truth, string text => text.Length > 0, _ => false };

    private static string Text(object? value) => value switch { bool truth => truth ? "true" : "false", string text => text, _ => "" };

    [GeneratedRegex("\\$\\{\\{(.*?)\\}\\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("\\b(success|failure|cancelled|always)\\(\\)")]
    private static partial Regex StatusFunction();

    [GeneratedRegex("'(?:[^']|'')*'|==|!=|&&|\\|\\||[!()]|[A-Za-z_][A-Za-z0-9_.-]*")]
    private static partial Regex Token();
}
