using GeminiEdge.Tests.Functions.Host;

namespace GeminiEdge.Tests.Functions;

public sealed class CustomHandlerLifeTests() : HostedLifeTests(HostingModel.CustomHandler);
