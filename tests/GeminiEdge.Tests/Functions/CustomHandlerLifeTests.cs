using GeminiEdge.Tests.Cli;
using GeminiEdge.Tests.Functions.Host;

namespace GeminiEdge.Tests.Functions;

[Collection(nameof(DrillTests))]
public sealed class CustomHandlerLifeTests() : HostedLifeTests(HostingModel.CustomHandler);
