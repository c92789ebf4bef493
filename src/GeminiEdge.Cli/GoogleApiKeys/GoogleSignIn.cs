using System.Net.Http.Headers;
using GeminiEdge.Rotation;
using Google.Apis.Auth.OAuth2;

namespace GeminiEdge.Cli.GoogleApiKeys;

/// <summary>The application default credentials: what `gcloud auth application-default login` left, a key file, or a machine's own account.</summary>
internal sealed class GoogleSignIn
{
    private const string Scope = "https://www.googleapis.com/auth/cloud-platform";

    private readonly ITokenAccessWithHeaders _credential;

    internal GoogleSignIn(GoogleCredential credential) => _credential = credential;

    /// <param name="project">What a person's requests count against, unless the credential says; a service account's count against its own project.</param>
    /// <returns>Neither, where there are no credentials.</returns>
    public static async Task<(GoogleSignIn? SignIn, RotationResult? Failure)> OpenAsync(World world, string project, CancellationToken cancellationToken)
    {
        try
        {
            var credential = (await world.SignInAtGoogle(cancellationToken)).CreateScoped(Scope);
            return (new GoogleSignIn(credential is { QuotaProject: null, UnderlyingCredential: UserCredential or ExternalAccountAuthorizedUserCredential }
                ? credential.CreateWithQuotaProject(project)
                : credential), null);
        }
        catch (InvalidOperationException e) when (e.InnerException is null)
        {
            return (null, null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Its text may quote the file.
            return (null, new RotationResult(RotationOutcome.AccessDenied,
                $"The file with your Google credentials can't be used ({(e.InnerException ?? e).GetType().Name}): check GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default login`."));
        }
    }

    /// <summary>Signs a request.</summary>
    public async Task AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var token = await _credential.GetAccessTokenWithHeadersForRequestAsync(request.RequestUri!.GetLeftPart(UriPartial.Authority), cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.AccessToken);
        token.AddHeaders(request);
    }
}
