using GeminiEdge.Tests.Functions.Host;

namespace GeminiEdge.Tests.Functions;

public sealed class IsolatedWorkerLifeTests() : HostedLifeTests(HostingModel.IsolatedWorker);
