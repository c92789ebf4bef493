using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Google.Apis.Auth.OAuth2.Responses;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>Google's API Keys API v2, as far as issuing and retiring take it.</summary>
internal sealed partial class GoogleKeys(GoogleSignIn signIn, Uri address, TimeProvider time, HttpMessageHandler? transport = null) : IDisposable
{
    /// <summary>The one service an issued key may call.</summary>
    public const string Service = "generativelanguage.googleapis.com";

    private const int Tries = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OperationPatience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new(transport ?? new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>One page of a project's keys, without their strings.</summary>
    public Task<GoogleAnswer> ListAsync(string project, string? pageToken, CancellationToken cancellationToken) => ReadAsync(
        $"projects/{project}/locations/global/keys?pageSize=300{(pageToken is null ? "" : $"&pageToken={Uri.EscapeDataString(pageToken)}")}", cancellationToken);

    /// <summary>What is known of a key.</summary>
    public Task<GoogleAnswer> GetAsync(string name, CancellationToken cancellationToken) => ReadAsync(name, cancellationToken);

    /// <summary>The key itself, as <c>keyString</c>.</summary>
    public Task<GoogleAnswer> GetKeyStringAsync(string name, CancellationToken cancellationToken) => ReadAsync($"{name}/keyString", cancellationToken);

    /// <summary>Creates a key of this name, and waits until it is there.</summary>
    public async Task<GoogleAnswer> CreateAsync(NewKey wanted, CancellationToken cancellationToken)
    {
        using var body = new StringContent(wanted.ToJson().ToJsonString(), Encoding.UTF8, "application/json");
        return await FinishAsync(
            await SendAsync(HttpMethod.Post, $"projects/{wanted.Project}/locations/global/keys?keyId={wanted.Id}", body, cancellationToken), cancellationToken);
    }

    /// <summary>Deletes a key, and waits until that is done. A key that is deleted twice is deleted, so it is tried again.</summary>
    public async Task<GoogleAnswer> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var answer = await SendAsync(HttpMethod.Delete, name, null, cancellationToken);
            if (answer.Fault is not { IsPassing: true } || tries == Tries)
            {
                // An earlier try may have done it, though its answer was lost.
                return tries > 1 && answer.Fault is not null && await IsDeletedAsync(name, cancellationToken)
                    ? new GoogleAnswer([], null)
                    : await FinishAsync(answer, cancellationToken);
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> IsDeletedAsync(string name, CancellationToken cancellationToken) =>
        await GetAsync(name, cancellationToken) is var known && (known.Fault is { IsNotFound: true } || known.Text("deleteTime") is not null);

    private async Task<GoogleAnswer> FinishAsync(GoogleAnswer operation, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (operation is { Fault: null, Json: { } json } && json["done"]?.GetValueKind() != JsonValueKind.True)
        {
            if (operation.Text("name") is not { } name || !OperationName().IsMatch(name))
            {
                return GoogleAnswer.NotGoogles;
            }

            if (time.GetElapsedTime(started) >= OperationPatience)
            {
                return new GoogleAnswer(null, GoogleFault.Of(new TimeoutException()));
            }

            await Task.Delay(Pause, time, cancellationToken);
            operation = await ReadAsync(name, cancellationToken);
            if (operation.Fault is { } unread)
            {
                return new GoogleAnswer(null, unread with { LeavesOpen = true });
            }
        }

        return operation switch
        {
            { Json: { } json } when json["error"] is { } error => new GoogleAnswer(null, GoogleFault.Of(null, error)),
            { Json: { } json } => new GoogleAnswer(json["response"] as JsonObject ?? [], null),
            _ => operation,
        };
    }

    /// <summary>Reading changes nothing, so it is tried again.</summary>
    private async Task<GoogleAnswer> ReadAsync(string path, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            var answer = await SendAsync(HttpMethod.Get, path, null, cancellationToken);
            if (answer.Fault is not { IsPassing: true } || tries == Tries)
            {
                return answer;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private async Task<GoogleAnswer> SendAsync(HttpMethod method, string path, HttpContent? body, CancellationToken cancellationToken)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(address, $"v2/{path}")) { Content = body };
            await signIn.AuthorizeAsync(request, cancellationToken);
            using var response = await _http.SendAsync(request, cancellationToken);
            var json = GoogleJson.Read(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            var (status, error) = ((int)response.StatusCode, json?["error"]);
            return status switch
            {
                < 300 when json is not null => new GoogleAnswer(json, null),
                // These mean the same whoever says them; of any other, only Google's own word says what became of a key.
                401 or 429 or >= 500 => new GoogleAnswer(null, GoogleFault.Of(status, error)),
                >= 400 when error is JsonObject => new GoogleAnswer(null, GoogleFault.Of(status, error)),
                _ => GoogleAnswer.NotGoogles,
            };
        }
        catch (Exception e) when (e is HttpRequestException or TokenResponseException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new GoogleAnswer(null, GoogleFault.Of(e));
        }
    }

    /// <summary>A key's resource name, and no path that leads elsewhere.</summary>
    [GeneratedRegex(@"^projects/[a-z0-9][a-z0-9.:-]{0,99}/locations/global/keys/[a-z0-9-]{1,63}\z")]
    public static partial Regex Name();

    [GeneratedRegex(@"^operations/[A-Za-z0-9][A-Za-z0-9._-]{0,255}\z")]
    private static partial Regex OperationName();
}
