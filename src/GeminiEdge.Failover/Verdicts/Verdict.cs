namespace GeminiEdge.Failover.Verdicts;

/// <summary>What an attempt's answer means.</summary>
internal enum Verdict
{
    Ok,
    KeyInvalid,
    CredentialRefused,
    KeyLeaked,
    KeyBlocked,
    ProjectDenied,
    BillingExhausted,
    RequestTooLargeForQuota,
    QuotaNone,
    QuotaDay,
    QuotaMinute,
    QuotaUnknown,
    ModelUnavailable,
    Overloaded,
    UpstreamError,
    UpstreamTimeout,
    Network,
    LocationUnsupported,
    ResourceDenied,
    ForbiddenUnknown,
    CallerError,
    ClientGone,

    /// <summary>Another key, asked at the same time, was faster: nobody's failure.</summary>
    Hedge,

    /// <summary>The edge is shutting down, and its grace is over: nobody's failure either.</summary>
    EdgeStopped,
}
