using GeminiEdge.Sandbox.KeyVault;

// A simulated vault in which PRIMARY changes every second. Prints the environment of an edge that reads it, NAME=VALUE
// a line and then an empty one, and goes on until it is ended. Usage:
// GeminiEdge.Bench.Vault CERTIFICATE_FILE KEY KEY…
await using var vault = await KeyVaultSandbox.StartAsync(new() { RecordedRequests = 1 });
vault.WriteCertificatePem(args[0]);
vault.Set("GEMINI-API-KEY-SECONDARY", args[^1]);
vault.Set("GEMINI-API-KEY-PRIMARY", args[1]);
foreach (var (name, value) in vault.ChildEnvironment(args[0]))
{
    Console.WriteLine($"{name}={value}");
}

Console.WriteLine($"GEMINI_KEYVAULT_URI={vault.PublicVaultUri}");
Console.WriteLine();

using var second = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
for (var swap = 1; await second.WaitForNextTickAsync(); swap++)
{
    vault.Set("GEMINI-API-KEY-PRIMARY", args[1 + (swap % (args.Length - 1))]);
}
