namespace GeminiEdge.Sandbox.Gemini;

/// <summary>What a key does when it is used; how each state answers is what is known of the Gemini API.</summary>
public enum SandboxKeyState
{
    /// <summary>Answers.</summary>
    Working,

    /// <summary>400 <c>API_KEY_INVALID</c>, "API key not valid".</summary>
    Invalid,

    /// <summary>400 <c>API_KEY_INVALID</c>, "API Key not found": deleted, or too new to be known everywhere.</summary>
    NotFound,

    /// <summary>400 <c>API_KEY_INVALID</c>, "API key expired".</summary>
    Expired,

    /// <summary>401 <c>ACCESS_TOKEN_TYPE_UNSUPPORTED</c>: a truncated or deleted auth key.</summary>
    InvalidAuthKey,

    /// <summary>403 "reported as leaked", without details.</summary>
    Leaked,

    /// <summary>403 <c>API_KEY_SERVICE_BLOCKED</c>.</summary>
    Blocked,

    /// <summary>403 <c>API_KEY_HTTP_REFERRER_BLOCKED</c>.</summary>
    ReferrerBlocked,

    /// <summary>403 <c>API_KEY_IP_ADDRESS_BLOCKED</c>.</summary>
    IpBlocked,

    /// <summary>403 <c>SERVICE_DISABLED</c>: the API is not enabled in the project.</summary>
    ServiceDisabled,

    /// <summary>403 "Your project has been denied access", without details.</summary>
    ProjectDenied,

    /// <summary>403 <c>CONSUMER_SUSPENDED</c>, whose message and metadata hold the key itself.</summary>
    Suspended,

    /// <summary>403 <c>BILLING_DISABLED</c>.</summary>
    BillingDisabled,

    /// <summary>403 without a reason anyone knows.</summary>
    Forbidden,

    /// <summary>403 as an HTML page of Google's front end.</summary>
    FrontEndForbidden,

    /// <summary>400 <c>FAILED_PRECONDITION</c>, "User location is not supported".</summary>
    LocationUnsupported,

    /// <summary>402 <c>RESOURCE_EXHAUSTED</c>: prepayment credits are depleted. Like all that follow: only where a model works; lists and token counts answer.</summary>
    PrepayDepleted,

    /// <summary>429: the project's monthly spending cap.</summary>
    SpendCap,

    /// <summary>429 with a per-minute <c>quotaId</c>, to be retried after <see cref="SandboxKey.RetryDelay"/>.</summary>
    QuotaMinute,

    /// <summary>429 with a per-day <c>quotaId</c> and a <c>retryDelay</c> that promises too much.</summary>
    QuotaDay,

    /// <summary>429 with <c>limit: 0</c>: the project has no quota for the model.</summary>
    QuotaNone,

    /// <summary>429 on input tokens per minute, quota 1,000: a larger request never succeeds.</summary>
    QuotaTokens,

    /// <summary>429 "Resource has been exhausted", without details.</summary>
    QuotaUnknown,

    /// <summary>429 with nothing but a link to help, as batches and searches are refused.</summary>
    QuotaHelpOnly,

    /// <summary>429 whose quota stands in the metadata of an ErrorInfo alone, with <see cref="SandboxKey.QuotaLimit"/>.</summary>
    QuotaInMetadata,

    /// <summary>429 without details; the wait, <see cref="SandboxKey.RetryDelay"/>, stands in its words alone.</summary>
    WaitInWords,

    /// <summary>404 "no longer available to new users".</summary>
    ModelClosed,

    /// <summary>400 "only accessible to billed users".</summary>
    BilledUsersOnly,

    /// <summary>400 "Multiple authentication credentials received", although one was sent: reported of the OpenAI route.</summary>
    MultipleCredentials,

    /// <summary>401 <c>CREDENTIALS_MISSING</c>, as methods answer that take no API keys.</summary>
    CredentialsMissing,

    /// <summary>408 as a page of Google's front end.</summary>
    RequestTimeout,

    /// <summary>499 <c>CANCELLED</c>, although nobody cancelled.</summary>
    Cancelled,

    /// <summary>500 <c>INTERNAL</c>.</summary>
    Internal,

    /// <summary>503 <c>UNAVAILABLE</c>.</summary>
    Overloaded,

    /// <summary>504 <c>DEADLINE_EXCEEDED</c>.</summary>
    DeadlineExceeded,

    /// <summary>Generation gets no answer until the client leaves.</summary>
    Silent,

    /// <summary>Generation is answered by a reset of the connection.</summary>
    Reset,

    /// <summary>200 without candidates; a stream ends without a chunk.</summary>
    EmptyAnswer,

    /// <summary>A stream answers 200 and its first piece is the error of <see cref="Overloaded"/>; other requests succeed.</summary>
    ErrorAtStreamStart,

    /// <summary>A stream answers 200 and its first piece is the error of <see cref="Cancelled"/>; other requests succeed.</summary>
    CancelledAtStreamStart,

    /// <summary>A stream sends one chunk, then the error of <see cref="Overloaded"/>, unframed; other requests succeed.</summary>
    ErrorMidStream,

    /// <summary>A stream sends one chunk, then the connection ends without the last one; other requests succeed.</summary>
    CutMidStream,

    /// <summary>A stream sends one chunk, then nothing until the client leaves; other requests succeed.</summary>
    SilentMidStream,
}
