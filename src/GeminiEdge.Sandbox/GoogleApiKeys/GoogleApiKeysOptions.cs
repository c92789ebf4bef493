namespace GeminiEdge.Sandbox.GoogleApiKeys;

/// <summary>How a <see cref="GoogleApiKeysSandbox"/> answers; may be changed while it runs, except the port and the clock.</summary>
public sealed class GoogleApiKeysOptions
{
    /// <summary>The clock of operations, tokens and delays. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The port on 127.0.0.1. The default is 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>How long an operation is under way; zero answers with one that is done. The default is half a second.</summary>
    public TimeSpan OperationTime { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How long Gemini doesn't know a new key, from the end of its operation on. The default is 3 seconds.</summary>
    public TimeSpan UnknownFor { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long Gemini still takes a deleted key. The default is 3 seconds.</summary>
    public TimeSpan DiesAfter { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How many keys a page holds unless the request asks for fewer. The default is 50.</summary>
    public int PageSize { get; set; } = 50;

    /// <summary>How long an access token is valid. The default is one hour.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a deleted key can be brought back. The default is 30 days.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);
}
