namespace GeminiEdge.Sandbox.Gemini;

/// <summary>How a <see cref="GeminiSandbox"/> answers; may be changed while it runs, except the port and the clock.</summary>
public sealed class GeminiSandboxOptions
{
    /// <summary>The clock of delays, expiries and timestamps. The default is the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>The port on 127.0.0.1. The default is 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>The models it knows. The default is <see cref="SandboxModel.Defaults"/>.</summary>
    public IReadOnlyList<SandboxModel> Models { get; set; } = SandboxModel.Defaults;

    /// <summary>The wait before an answer of a model begins. The default is none.</summary>
    public TimeSpan AnswerDelay { get; set; }

    /// <summary>The wait between two chunks of a stream. The default is 15 ms.</summary>
    public TimeSpan ChunkDelay { get; set; } = TimeSpan.FromMilliseconds(15);

    /// <summary>How many words one chunk of a stream holds. The default is 2.</summary>
    public int WordsPerChunk { get; set; } = 2;

    /// <summary>How long a batch takes before it is done. The default is none: it is done when it is asked for by its name.</summary>
    public TimeSpan BatchDuration { get; set; }

    /// <summary>How many requests <see cref="GeminiSandbox.Requests"/> keeps, the oldest going first; 0 records nothing. The default is 1,000.</summary>
    public int RecordedRequests { get; set; } = 1_000;

    /// <summary>How many bytes of each body are kept. The default is 64 KiB.</summary>
    public int RecordedBodyBytes { get; set; } = 64 * 1024;

    /// <summary>The largest body of any request but an upload, in bytes. The default is 20 MiB.</summary>
    public int MaxBodyBytes { get; set; } = 20 * 1024 * 1024;

    /// <summary>Every chunk of a resumable upload but the last is a multiple of this. The default is 256 KiB.</summary>
    public int UploadGranularity { get; set; } = 256 * 1024;
}
