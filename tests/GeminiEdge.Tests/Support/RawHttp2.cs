using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using GeminiEdge.Sandbox.KeyVault;

namespace GeminiEdge.Tests.Support;

/// <summary>An upstream that speaks HTTP/2 frame by frame, as a test writes them: what no server in good health would say.</summary>
internal sealed class RawHttp2 : LoopbackServer
{
    private readonly X509Certificate2 _certificate = EphemeralCertificate.Create(TimeProvider.System.GetUtcNow(), "localhost");
    private readonly Func<Connection, int, Task> _answer;
    private int _requests;
    private int _greeted;

    private RawHttp2(Func<Connection, int, Task> answer) => _answer = answer;

    public string Url => $"https://{Address}";

    public X509ChainPolicy Trust => Support.Trust.In(_certificate);

    /// <summary>How many requests have been read to their end.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>How many connections have been sent their first frame.</summary>
    public int Greeted => Volatile.Read(ref _greeted);

    /// <param name="answer">Told of each request when it has been read: its connection and stream.</param>
    public static RawHttp2 Start(Func<Connection, int, Task> answer) => new(answer);

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _certificate.Dispose();
    }

    protected override async Task ServeAsync(TcpClient connection, int number)
    {
        await using var stream = new SslStream(connection.GetStream());
        await stream.AuthenticateAsServerAsync(
            new SslServerAuthenticationOptions { ServerCertificate = _certificate, ApplicationProtocols = [SslApplicationProtocol.Http2] }, Stopping);
        var line = new Connection(connection, stream, number, Stopping);

        // Before it has heard anything, as it may.
        await line.WriteAsync(type: 4, flags: 0, id: 0, ReadOnlyMemory<byte>.Empty);
        Interlocked.Increment(ref _greeted);
        await stream.ReadExactlyAsync(new byte[24], Stopping);
        while (true)
        {
            var (type, flags, id) = await line.ReadAsync();
            if (type == 4 && flags == 0)
            {
                await line.WriteAsync(type: 4, flags: 1, id: 0, ReadOnlyMemory<byte>.Empty);
            }
            else if (type is 0 or 1 && (flags & 1) != 0)
            {
                Interlocked.Increment(ref _requests);
                await _answer(line, id);
            }
        }
    }

    /// <summary>A connection, and the frames that a test sends on it.</summary>
    internal sealed class Connection(TcpClient client, SslStream stream, int number, CancellationToken stop)
    {
        /// <summary>Of all connections, from 1.</summary>
        public int Number => number;

        /// <summary>200, JSON of this length, and what the body begins with.</summary>
        public async Task AnswerAsync(int id, int length, ReadOnlyMemory<byte> body, bool ends)
        {
            var digits = System.Text.Encoding.ASCII.GetBytes($"{length}");
            // :status 200, content-type and content-length from the static table.
            byte[] head = [0x88, 0x0f, 0x10, 16, .. "application/json"u8, 0x0f, 0x0d, (byte)digits.Length, .. digits];
            await WriteAsync(type: 1, flags: 4, id, head);
            await WriteAsync(type: 0, flags: ends ? (byte)1 : (byte)0, id, body);
        }

        /// <summary>RST_STREAM.</summary>
        public Task ResetAsync(int id, int code) => WriteAsync(type: 3, flags: 0, id, Number32(code));

        /// <summary>GOAWAY: streams up to the last one have been seen.</summary>
        public Task GoAwayAsync(int last, int code) => WriteAsync(type: 7, flags: 0, id: 0, (byte[])[.. Number32(last), .. Number32(code)]);

        /// <summary>The connection itself breaks.</summary>
        public void Break()
        {
            client.LingerState = new LingerOption(true, 0);
            client.Close();
        }

        public async Task WriteAsync(byte type, byte flags, int id, ReadOnlyMemory<byte> payload)
        {
            byte[] frame = [.. Number32(payload.Length)[1..], type, flags, .. Number32(id), .. payload.Span];
            await stream.WriteAsync(frame, stop);
        }

        public async Task<(byte Type, byte Flags, int Id)> ReadAsync()
        {
            var head = new byte[9];
            await stream.ReadExactlyAsync(head, stop);
            await stream.ReadExactlyAsync(new byte[(head[0] << 16) | (head[1] << 8) | head[2]], stop);
            return (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)));
        }

        private static byte[] Number32(int value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            return bytes;
        }
    }
}
