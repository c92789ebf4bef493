using System.Net;

namespace GeminiEdge.Tests.Chaos;

internal enum RegisterFault
{
    None,
    Unavailable,
    Denied,
    Away,
    Silent,
}

/// <summary>The fleet register's storage: takes rows, unless something is wrong with it.</summary>
internal sealed class ChaosRegister : HttpMessageHandler
{
    public static readonly Uri Endpoint = new("http://127.0.0.1:10002/chaos");

    private volatile string _row = "";
    private volatile RegisterFault _fault;

    public RegisterFault Fault { get => _fault; set => _fault = value; }

    /// <summary>What was written last.</summary>
    public string Row => _row;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        switch (_fault)
        {
            case RegisterFault.Unavailable:
                return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("") };
            case RegisterFault.Denied:
                return new HttpResponseMessage(HttpStatusCode.Forbidden) { Content = new StringContent("") };
            case RegisterFault.Away:
                throw new HttpRequestException("The register is away.");
            case RegisterFault.Silent:
                await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
                break;
            default:
                break;
        }

        _row = request.Content is null ? _row : await request.Content.ReadAsStringAsync(cancellationToken);
        return new HttpResponseMessage(HttpStatusCode.NoContent) { Content = new StringContent("") };
    }
}
