using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using GeminiEdge.Tests.Functions.Host.Protocol;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>
/// The host's end of the stream that a worker opens. Of the worker's log records it hands on those within an invocation
/// that runs, and drops the others, as the host does.
/// </summary>
internal sealed class WorkerChannel : FunctionRpc.FunctionRpcBase, IAsyncDisposable
{
    private readonly Channel<StreamingMessage> _outgoing = Channel.CreateUnbounded<StreamingMessage>();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StreamingMessage>> _asked = new();
    private readonly ConcurrentDictionary<string, bool> _invocations = new();
    private readonly CancellationTokenSource _ended = new();
    private volatile bool _isStarted;
    private WebApplication? _server;

    private WorkerChannel()
    {
    }

    /// <summary>Where the worker is to open its stream.</summary>
    public Uri Url { get; private set; } = null!;

    public bool IsStarted => _isStarted;

    /// <summary>Takes the text of a record that the host makes one of its own of; it adds none of the fields.</summary>
    public Action<string> HandOn { get; set; } = _ => { };

    public static async Task<WorkerChannel> OpenAsync()
    {
        var channel = new WorkerChannel();
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton(channel).AddRouting().AddGrpc(options => options.MaxReceiveMessageSize = null);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        channel._server = builder.Build();
        channel._server.MapGrpcService<WorkerChannel>();
        await channel._server.StartAsync();
        channel.Url = new Uri(channel._server.Urls.Single());
        return channel;
    }

    public override async Task EventStream(
        IAsyncStreamReader<StreamingMessage> requestStream, IServerStreamWriter<StreamingMessage> responseStream, ServerCallContext context)
    {
        var sending = SendAsync(responseStream);
        try
        {
            await foreach (var message in requestStream.ReadAllAsync(_ended.Token))
            {
                Receive(message);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The worker has ended, or the host.
        }

        await _ended.CancelAsync();
        _outgoing.Writer.TryComplete();
        await sending;
    }

    /// <summary>Sends a message and waits for its answer.</summary>
    /// <exception cref="OperationCanceledException">The worker ended.</exception>
    public async Task<StreamingMessage> AskAsync(StreamingMessage message)
    {
        var answer = new TaskCompletionSource<StreamingMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        message.RequestId = $"{Guid.NewGuid()}";
        _asked[message.RequestId] = answer;
        _outgoing.Writer.TryWrite(message);
        return await answer.Task.WaitAsync(_ended.Token);
    }

    /// <summary>Has a function run; the request itself comes by HTTP.</summary>
    /// <returns>Whether it ended without a fault.</returns>
    public async Task<bool> InvokeAsync(string invocation, DeployedFunction function)
    {
        _invocations[invocation] = true;
        try
        {
            var answer = await AskAsync(new StreamingMessage
            {
                InvocationRequest = new()
                {
                    InvocationId = invocation,
                    FunctionId = function.Id,
                    InputData = { new ParameterBinding { Name = function.TriggerName, Data = new TypedData { Http = new RpcHttp() } } },
                    TraceContext = new RpcTraceContext(),
                },
            });
            return answer.InvocationResponse.Result.Status == StatusResult.Types.Status.Success;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            _invocations.TryRemove(invocation, out _);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _server!.DisposeAsync();
        _ended.Dispose();
    }

    private async Task SendAsync(IServerStreamWriter<StreamingMessage> worker)
    {
        try
        {
            await foreach (var message in _outgoing.Reader.ReadAllAsync())
            {
                await worker.WriteAsync(message);
            }
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or OperationCanceledException)
        {
            // The worker has ended; whoever waits for an answer learns it.
        }
    }

    private void Receive(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case StreamingMessage.ContentOneofCase.StartStream:
                _isStarted = true;
                break;
            case StreamingMessage.ContentOneofCase.RpcLog when message.RpcLog.LogCategory == RpcLog.Types.RpcLogCategory.User:
                if (_invocations.ContainsKey(message.RpcLog.InvocationId))
                {
                    HandOn(message.RpcLog.Message);
                }

                break;
            default:
                if (_asked.TryRemove(message.RequestId, out var asked))
                {
                    asked.SetResult(message);
                }

                break;
        }
    }
}
