using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace GeminiEdge.Sandbox.KeyVault;

/// <summary>Makes a request fail as its fault says.</summary>
internal static class FaultInjection
{
    /// <summary>
    /// True when nothing more is to be done for the request; <paramref name="error"/> is the answer, null that the connection ends.
    /// </summary>
    public static bool Ends(KeyVaultFault? fault, HttpContext context, out KeyVaultError? error)
    {
        error = null;
        switch (fault?.Kind)
        {
            case KeyVaultFaultKind.Outage:
                return true;
            case KeyVaultFaultKind.Unavailable:
                error = KeyVaultErrors.Unavailable();
                return true;
            case KeyVaultFaultKind.Throttled:
                error = KeyVaultErrors.Throttled();
                if (fault.RetryAfter is { } wait)
                {
                    context.Response.Headers.RetryAfter = ((long)wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>Waits as long as a slow endpoint does, or until the client leaves.</summary>
    public static async Task WaitAsync(KeyVaultFault? fault, TimeProvider time, CancellationToken cancellationToken)
    {
        if (fault is not { Kind: KeyVaultFaultKind.Slow })
        {
            return;
        }

        if (fault.Delay > TimeSpan.Zero)
        {
            await Task.Delay(fault.Delay, time, cancellationToken);
        }

        if (fault.Release is { } release)
        {
            await Task.WhenAny(release, Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken));
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
