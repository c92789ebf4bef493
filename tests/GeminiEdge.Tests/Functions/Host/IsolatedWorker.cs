using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using GeminiEdge.Tests.Functions.Host.Protocol;
using GeminiEdge.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Tests.Functions.Host;

/// <summary>The isolated worker of a published folder, started as the Functions host does it: it opens a stream, says its functions, and serves HTTP where it says.</summary>
internal sealed class IsolatedWorker : IHostedApp
{
    private const string InvocationHeader = "x-ms-invocation-id";
    private readonly WorkerChannel _channel;
    private Uri _url = null!;

    private IsolatedWorker(EdgeProcess process, WorkerChannel channel) => (Process, _channel) = (process, channel);

    public IReadOnlyList<DeployedFunction> Functions { get; private set; } = [];

    public EdgeProcess Process { get; }

    public static async Task<IsolatedWorker> StartAsync(string appRoot, string routePrefix, IEnumerable<(string Name, string Value)> appSettings)
    {
        var description = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(appRoot, "worker.config.json")))!["description"]!;
        var channel = await WorkerChannel.OpenAsync();
        var process = EdgeProcess.StartAt(
            (string)description["defaultExecutablePath"]!, appRoot,
            [Path.Combine(appRoot, (string)description["defaultWorkerPath"]!), .. Arguments(channel.Url)],
            [
                .. appSettings, ("FUNCTIONS_WORKER_RUNTIME", "dotnet-isolated"),
                ("FUNCTIONS_WORKER_DIRECTORY", appRoot), ("FUNCTIONS_APPLICATION_DIRECTORY", appRoot),
            ]);

        // The host makes a log record of a line on standard output, and of a worker's record within an invocation.
        channel.HandOn = process.Log.WriteLine;
        var worker = new IsolatedWorker(process, channel);
        try
        {
            await worker.ShakeHandsAsync(appRoot, routePrefix);
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    public async Task ServeAsync(HttpContext context, DeployedFunction function, HostProxy proxy)
    {
        var invocation = $"{Guid.NewGuid()}";

        // The host keeps a value that the client sent. The worker then waits for a request that never comes.
        context.Request.Headers.TryAdd(InvocationHeader, invocation);
        var proxied = proxy.SendAsync(context, _url);
        var succeeded = await _channel.InvokeAsync(invocation, function);
        await proxied;
        if (!succeeded && !context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            HostProxy.Fail(context.Response);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        await _channel.DisposeAsync();
    }

    private static string[] Arguments(Uri uri)
    {
        var (worker, request, length) = ($"{Guid.NewGuid()}", $"{Guid.NewGuid()}", int.MaxValue.ToString(CultureInfo.InvariantCulture));
        return
        [
            "--host", uri.Host, "--port", $"{uri.Port}", "--workerId", worker, "--requestId", request, "--grpcMaxMessageLength", length,
            "--functions-uri", uri.AbsoluteUri, "--functions-worker-id", worker, "--functions-request-id", request, "--functions-grpc-max-message-length", length,
        ];
    }

    private async Task ShakeHandsAsync(string appRoot, string routePrefix)
    {
        using var patience = new CancellationTokenSource(Patience.Limit);
        await UntilAsync(() => Task.FromResult(_channel.IsStarted), patience.Token);

        var init = (await _channel.AskAsync(new StreamingMessage
        {
            WorkerInitRequest = new()
            {
                HostVersion = FunctionsHost.Version,
                WorkerDirectory = appRoot,
                FunctionAppDirectory = appRoot,
                Capabilities = { ["MultiStream"] = "10" },
            },
        })).WorkerInitResponse;
        Check(init.Result);
        _url = new Uri(init.Capabilities["HttpUri"]);

        var metadata = (await _channel.AskAsync(new StreamingMessage { FunctionsMetadataRequest = new() { FunctionAppDirectory = appRoot } })).FunctionMetadataResponse;
        Check(metadata.Result);
        foreach (var function in metadata.FunctionMetadataResults)
        {
            var request = new StreamingMessage { FunctionLoadRequest = new() { FunctionId = function.FunctionId, Metadata = function } };
            Check((await _channel.AskAsync(request)).FunctionLoadResponse.Result);
        }

        Functions = DeployedFunction.Of(metadata.FunctionMetadataResults, routePrefix);
        await UntilAsync(ListensAsync, patience.Token);
    }

    private async Task UntilAsync(Func<Task<bool>> condition, CancellationToken patience)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (!await condition())
        {
            Assert.False(Process.HasExited, $"The worker ended at its start: {Process.Errors}");
            await pace.WaitForNextTickAsync(patience);
        }
    }

    private async Task<bool> ListensAsync()
    {
        using var connection = new TcpClient();
        try
        {
            await connection.ConnectAsync(_url.Host, _url.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void Check(StatusResult result) =>
        Assert.True(result.Status == StatusResult.Types.Status.Success, result.Exception?.Message);
}
