using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Google.Apis.Auth.OAuth2;
using Microsoft.Extensions.Configuration;

namespace GeminiEdge.Cli;

/// <summary>What a command takes from outside: nothing else reads the environment, the standard streams or the clock.</summary>
internal sealed record World
{
    /// <summary>The environment's variables.</summary>
    public required IConfiguration Environment { get; init; }

    public required StandardInput Input { get; init; }

    public required StandardOutput Output { get; init; }

    public required StandardOutput Error { get; init; }

    public required TimeProvider Time { get; init; }

    public required Func<TokenCredential> SignInAtAzure { get; init; }

    /// <summary>How the vault and the fleet register are reached.</summary>
    public required HttpPipelineTransport AzureTransport { get; init; }

    /// <summary>The application default credentials.</summary>
    public required Func<CancellationToken, Task<GoogleCredential>> SignInAtGoogle { get; init; }

    /// <summary>How long a command may clean up after Ctrl-C or SIGTERM; null where these are not its own.</summary>
    public TimeSpan? SignalPatience { get; init; }

    /// <summary>The process's own.</summary>
    public static World OfThisProcess() => new()
    {
        Environment = new ConfigurationBuilder().AddEnvironmentVariables().Build(),
        Input = new(Console.IsInputRedirected, Console.OpenStandardInput, () => Console.In.ReadLine()),
        Output = new(Console.IsOutputRedirected, Console.Out, Console.OpenStandardOutput),
        Error = new(Console.IsErrorRedirected, Console.Error, Console.OpenStandardError),
        Time = TimeProvider.System,
        SignInAtAzure = () => new DefaultAzureCredential(new DefaultAzureCredentialOptions
        {
            ExcludeBrokerCredential = true,
            ExcludeInteractiveBrowserCredential = true,
            ExcludeAzurePowerShellCredential = true,
            ExcludeVisualStudioCodeCredential = true,
            ExcludeVisualStudioCredential = true,
        }),
        AzureTransport = HttpClientTransport.Shared,
        SignInAtGoogle = GoogleCredential.GetApplicationDefaultAsync,

        // A stopped `issue` still takes back the key that it made.
        SignalPatience = TimeSpan.FromSeconds(15),
    };

    /// <summary>A variable's value; null where it is missing or empty.</summary>
    public string? Variable(string name) => Environment[name] is { Length: > 0 } value ? value : null;
}
