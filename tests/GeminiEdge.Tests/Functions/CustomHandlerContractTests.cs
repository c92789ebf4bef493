using GeminiEdge.Tests.Functions.Host;

namespace GeminiEdge.Tests.Functions;

public sealed class CustomHandlerContractTests(SharedCustomHandler shared) : HostedContractTests(shared), IClassFixture<SharedCustomHandler>;
