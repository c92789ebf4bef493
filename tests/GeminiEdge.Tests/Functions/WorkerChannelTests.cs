using System.Collections.Concurrent;
using GeminiEdge.Tests.Functions.Host;
using GeminiEdge.Tests.Functions.Host.Protocol;
using GeminiEdge.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;

namespace GeminiEdge.Tests.Functions;

/// <summary>The stand-in treats a worker's log records as the real host was measured to, and learns when a worker is gone.</summary>
public class WorkerChannelTests
{
    private static readonly DeployedFunction Function = DeployedFunction.Of(
        [new RpcFunctionMetadata { FunctionId = "f-1", Name = "one", RawBindings = { """{"type":"httpTrigger","name":"request","route":"one","authLevel":"Anonymous"}""" } }],
        "").Single();

    [Fact]
    public async Task Record_WithinAnInvocation_IsHandedOn_AnyOtherIsDropped()
    {
        await using var channel = await WorkerChannel.OpenAsync();
        var handedOn = new ConcurrentQueue<string>();
        channel.HandOn = handedOn.Enqueue;
        using var connection = GrpcChannel.ForAddress(channel.Url);
        using var worker = new FunctionRpc.FunctionRpcClient(connection).EventStream(cancellationToken: TestContext.Current.CancellationToken);
        await SayAsync(worker, new StreamingMessage { StartStream = new StartStream { WorkerId = "w-1" } });
        await SayAsync(worker, Record("before any invocation"));

        var invoked = channel.InvokeAsync("i-1", Function);
        Assert.True(await worker.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        var request = worker.ResponseStream.Current;
        await SayAsync(worker, Record("beside the invocation"));
        await SayAsync(worker, Record("of another invocation", "i-2"));
        await SayAsync(worker, Record("of the system", "i-1", RpcLog.Types.RpcLogCategory.System));
        await SayAsync(worker, Record("within the invocation", "i-1"));
        await SayAsync(worker, new StreamingMessage
        {
            RequestId = request.RequestId,
            InvocationResponse = new InvocationResponse { InvocationId = "i-1", Result = new StatusResult { Status = StatusResult.Types.Status.Success } },
        });

        Assert.True(await invoked);
        Assert.Equal(("f-1", "request"), (request.InvocationRequest.FunctionId, request.InvocationRequest.InputData.Single().Name));
        Assert.Equal(["within the invocation"], handedOn);
    }

    [Fact]
    public async Task Worker_LeavesInAnInvocation_ItHasFailed()
    {
        await using var channel = await WorkerChannel.OpenAsync();
        using var connection = GrpcChannel.ForAddress(channel.Url);
        using (var worker = new FunctionRpc.FunctionRpcClient(connection).EventStream(cancellationToken: TestContext.Current.CancellationToken))
        {
            await SayAsync(worker, new StreamingMessage { StartStream = new StartStream { WorkerId = "w-1" } });
            await Eventually.IsAsync(() => channel.IsStarted);
            var invoked = channel.InvokeAsync("i-1", Function);
            Assert.True(await worker.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
            await worker.RequestStream.CompleteAsync();

            Assert.False(await invoked);
        }
    }

    private static Task SayAsync(AsyncDuplexStreamingCall<StreamingMessage, StreamingMessage> worker, StreamingMessage message) =>
        worker.RequestStream.WriteAsync(message, TestContext.Current.CancellationToken);

    private static StreamingMessage Record(string text, string invocation = "", RpcLog.Types.RpcLogCategory category = RpcLog.Types.RpcLogCategory.User) =>
        new() { RpcLog = new RpcLog { Message = text, InvocationId = invocation, LogCategory = category } };
}
