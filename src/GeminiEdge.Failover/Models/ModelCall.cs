namespace GeminiEdge.Failover.Models;

/// <summary>
/// A call of a model: what is asked of which, by which version of the API. A 404 says that a model is gone only where it has
/// answered before: it isn't there for every method, nor in each version.
/// </summary>
/// <param name="model">As asked for, without <c>models/</c>.</param>
/// <param name="method">As <c>generateContent</c>.</param>
/// <param name="path">The request's path, which begins with the API's version.</param>
internal readonly ref struct ModelCall(string model, string method, ReadOnlySpan<char> path)
{
    public string Model => model;

    public string Method => method;

    /// <summary>As <c>v1beta</c>.</summary>
    public ReadOnlySpan<char> Api { get; } = Segment(path.TrimStart('/'));

    private static ReadOnlySpan<char> Segment(ReadOnlySpan<char> path) => path.IndexOf('/') is >= 0 and var end ? path[..end] : path;
}
