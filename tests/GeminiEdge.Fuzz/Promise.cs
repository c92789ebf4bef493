using System.Diagnostics.CodeAnalysis;

namespace GeminiEdge.Fuzz;

/// <summary>What must be true whatever the bytes are.</summary>
internal static class Promise
{
    /// <param name="holds">Whether it does.</param>
    /// <param name="what">A sentence without anything of the input.</param>
    public static void That([DoesNotReturnIf(false)] bool holds, string what)
    {
        if (!holds)
        {
            throw new BrokenPromiseException(what);
        }
    }

    /// <summary>Two ways to read the same thing agree.</summary>
    public static void Same<T>(T expected, T actual, string what) => That(EqualityComparer<T>.Default.Equals(expected, actual), what);
}

/// <summary>A target found something that must not be.</summary>
internal sealed class BrokenPromiseException(string what) : Exception(what);
