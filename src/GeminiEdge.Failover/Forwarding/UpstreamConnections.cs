using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace GeminiEdge.Failover.Forwarding;

/// <summary>
/// Opens the connections to the upstream, TLS included, and one of them ahead of the request that will need it:
/// <code>
/// start             opens one; the first request takes it, or waits for it if it is not there yet
/// idle for 90 s     the pool is empty
/// the next request  opens one before it asks for its keys, takes it, and opens one more beside it: where one caller is, more follow
/// </code>
/// </summary>
/// <remarks>
/// A connection and not a request: nothing of it is logged, counted or paid for, and no key is near it. One that fails is
/// forgotten; the request that would have taken it finds out by itself, and says so.
/// </remarks>
internal sealed class UpstreamConnections(ForwardingOptions options, TimeProvider time, X509ChainPolicy? trust = null) : IDisposable
{
    /// <summary>How long a connection may be unused: network equipment on the way forgets silent ones after 4 minutes, and says nothing.</summary>
    public static readonly TimeSpan IdleTimeout = TimeSpan.FromSeconds(90);

    // Not each request writes to what all of them read.
    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(1);

    private readonly Uri _origin = new(options.BaseUrl);
    private readonly SslClientAuthenticationOptions _tls = Tls(options, trust, null);
    private readonly SslClientAuthenticationOptions _sharedTls = Tls(options, trust, [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
    private long _lastUse = time.GetTimestamp();
    private SpareConnection? _spare;
    private bool _opensAnother;
    private volatile bool _isDisposed;
    private volatile bool _speaksNoHttp2;

    private bool IsEncrypted => _origin.Scheme == Uri.UriSchemeHttps;

    /// <summary>Most requests share connections; without TLS there is no agreeing on that.</summary>
    private bool Shares => options.UpstreamHttp == UpstreamHttp.Http2 && IsEncrypted && !_speaksNoHttp2;

    /// <summary>Begins to open one connection for whoever comes first. Doesn't wait, and never throws.</summary>
    public void Open()
    {
        var spare = new SpareConnection(cancellationToken => OpenAsync(Shares, cancellationToken), options.ConnectTimeout, IdleTimeout, time);
        Interlocked.Exchange(ref _spare, spare)?.Dispose();
        if (_isDisposed)
        {
            spare.Dispose();
        }
    }

    /// <summary>A request has come, and will need a connection soon: after a pause there is none.</summary>
    public void Expect()
    {
        var (now, before) = (time.GetTimestamp(), Volatile.Read(ref _lastUse));
        var pause = time.GetElapsedTime(before, now);
        if (pause >= Resolution && Interlocked.CompareExchange(ref _lastUse, now, before) == before && pause >= IdleTimeout)
        {
            Open();
            Volatile.Write(ref _opensAnother, !Shares);
        }
    }

    /// <summary>The connection for a request that the pool has none for.</summary>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var isShared = Shares && context.InitialRequestMessage.Version.Major == 2;
        if (isShared != Shares)
        {
            return await OpenAsync(isShared, cancellationToken);
        }

        var spare = Interlocked.Exchange(ref _spare, null);
        if (Interlocked.Exchange(ref _opensAnother, false))
        {
            Open();
        }

        return (spare is null ? null : await spare.TakeAsync(cancellationToken)) ?? await OpenAsync(isShared, cancellationToken);
    }

    public void Dispose()
    {
        _isDisposed = true;
        Interlocked.Exchange(ref _spare, null)?.Dispose();
    }

    private static SslClientAuthenticationOptions Tls(ForwardingOptions options, X509ChainPolicy? trust, List<SslApplicationProtocol>? protocols) => new()
    {
        TargetHost = new Uri(options.BaseUrl).IdnHost,
        CertificateChainPolicy = trust,
        ApplicationProtocols = protocols,
    };

    private async ValueTask<Stream> OpenAsync(bool isShared, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new DnsEndPoint(_origin.IdnHost, _origin.Port), cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }

        var stream = new UpstreamStream(socket, IsEncrypted, time);
        return IsEncrypted ? await EncryptAsync(stream, isShared ? _sharedTls : _tls, cancellationToken) : stream;
    }

    private async ValueTask<Stream> EncryptAsync(UpstreamStream stream, SslClientAuthenticationOptions tls, CancellationToken cancellationToken)
    {
        var encrypted = new SslStream(stream);
        try
        {
            await encrypted.AuthenticateAsClientAsync(tls, cancellationToken);
            stream.IsShared = encrypted.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2;

            // The pool asks for no HTTP/2 from then on, and could do nothing with it.
            _speaksNoHttp2 |= tls == _sharedTls && !stream.IsShared;
            return encrypted;
        }
        catch (IOException e)
        {
            // One that ends in the middle of a handshake was opened, and is not to be trusted either.
            await encrypted.DisposeAsync();
            throw new AuthenticationException("The upstream broke off the TLS handshake.", e);
        }
        catch
        {
            await encrypted.DisposeAsync();
            throw;
        }
    }
}
