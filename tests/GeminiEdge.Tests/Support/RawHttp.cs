using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace GeminiEdge.Tests.Support;

/// <summary>
/// A connection that carries the very bytes a test writes, where HttpClient would put them in order first or refuse
/// to send them. Text is Latin-1: one character is one byte.
/// </summary>
internal sealed class RawHttp : IDisposable
{
    private readonly TcpClient _tcp;
    private readonly NetworkStream _stream;
    private readonly SecretWatch _secrets;
    private readonly CancellationTokenSource _patience = new(Patience.Limit);

    private RawHttp(TcpClient tcp, SecretWatch secrets) => (_tcp, _stream, _secrets) = (tcp, tcp.GetStream(), secrets);

    /// <summary>The head of a request, without the blank line that ends it; the connection is for this one request.</summary>
    public static string Head(EdgeHost edge, string method, string target, params ReadOnlySpan<string> headers) => Head(edge.Url, method, target, headers);

    public static string Head(Uri url, string method, string target, params ReadOnlySpan<string> headers)
    {
        var host = headers.ToArray().Any(header => header.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)) ? "" : $"Host: {url.Authority}\r\n";
        return $"{method} {target} HTTP/1.1\r\n{host}Connection: close\r\n{string.Concat(headers.ToArray().Select(header => header + "\r\n"))}";
    }

    public static Task<RawHttp> ConnectAsync(EdgeHost edge) => ConnectAsync(edge.Url, edge.Secrets);

    public static async Task<RawHttp> ConnectAsync(Uri url, SecretWatch secrets)
    {
        var tcp = new TcpClient { NoDelay = true };
        await tcp.ConnectAsync(url.Host, url.Port);
        return new RawHttp(tcp, secrets);
    }

    /// <summary>One request without a body.</summary>
    public static Task<RawAnswer> SendAsync(EdgeHost edge, string method, string target, params ReadOnlySpan<string> headers) =>
        ExchangeAsync(edge, Head(edge, method, target, headers) + "\r\n");

    /// <summary>Sends these bytes, and reads until the edge closes the connection.</summary>
    public static Task<RawAnswer> ExchangeAsync(EdgeHost edge, string bytes) => ExchangeAsync(edge.Url, edge.Secrets, bytes);

    public static async Task<RawAnswer> ExchangeAsync(Uri url, SecretWatch secrets, string bytes)
    {
        using var connection = await ConnectAsync(url, secrets);
        await connection.WriteAsync(bytes);
        return await connection.ReadToEndAsync();
    }

    public async Task WriteAsync(string bytes)
    {
        try
        {
            await _stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), _patience.Token);
        }
        catch (IOException)
        {
            // The edge has answered and closed; what it said can still be read.
        }
    }

    /// <summary>Reads until this text has arrived.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        var read = new StringBuilder();
        var buffer = new byte[1];
        while (!read.ToString().EndsWith(text, StringComparison.Ordinal))
        {
            Assert.True(await _stream.ReadAsync(buffer, _patience.Token) > 0, $"The edge closed the connection after: {read}");
            read.Append((char)buffer[0]);
        }

        return read.ToString();
    }

    /// <summary>Reads this many bytes.</summary>
    public Task ReadAsync(int count) => _stream.ReadExactlyAsync(new byte[count], _patience.Token).AsTask();

    public async Task<RawAnswer> ReadToEndAsync()
    {
        using var bytes = new MemoryStream();
        var isWhole = true;
        try
        {
            await _stream.CopyToAsync(bytes, _patience.Token);
        }
        catch (IOException)
        {
            isWhole = false;
        }

        var text = Encoding.Latin1.GetString(bytes.ToArray());
        _secrets.See("a raw answer", text);
        return RawAnswer.Parse(text, isWhole);
    }

    /// <summary>No more will come, but answers are still read.</summary>
    public void EndSending() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Leaves without a goodbye: the edge sees a reset.</summary>
    public void Reset() => _tcp.Client.Close(timeout: 0);

    public void Dispose()
    {
        _tcp.Dispose();
        _patience.Dispose();
    }
}

/// <summary>An answer as it stood on the wire; the body isn't decoded.</summary>
/// <param name="Status">0 when there was none.</param>
/// <param name="Head">Status line and headers.</param>
/// <param name="Body">What came behind them.</param>
/// <param name="IsWhole">The connection ended in order, not by a reset.</param>
internal sealed record RawAnswer(int Status, string Head, string Body, bool IsWhole)
{
    public static RawAnswer Parse(string text, bool isWhole)
    {
        var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return end < 0
            ? new RawAnswer(0, text, "", isWhole)
            : new RawAnswer(int.Parse(text.AsSpan(9, 3), CultureInfo.InvariantCulture), text[..end], text[(end + 4)..], isWhole);
    }

    public string? Header(string name) => Head.Split("\r\n")
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();
}
