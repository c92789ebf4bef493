using Azure.Identity;
using Azure.Security.KeyVault.Secrets;

// Reads one secret as an app in Azure would: no option set, everything else comes from the environment.
var client = new SecretClient(new Uri(args[0]), new ManagedIdentityCredential(ManagedIdentityId.SystemAssigned));
Console.WriteLine((await client.GetSecretAsync(args[1])).Value.Value);
