using System.Net;
using System.Security.Authentication;
using Amazon.Runtime;

namespace EtcdDr.Engine.Snapshots.Places.Objects.S3;

/// <summary>Tells what a failure of the SDK means.</summary>
internal static class S3Failures
{
    /// <summary>The failure; null for a mistake of this module's and for a stop that was asked for.</summary>
    public static BucketFailure? Of(Exception error, CancellationToken cancellationToken) =>
        error switch
        {
            _ when cancellationToken.IsCancellationRequested => null,
            AmazonServiceException service => new BucketFailure(KindOf(service), MessageOf(service), service),
            OperationCanceledException => new BucketFailure(BucketFailureKind.Transient, "The server did not answer in time.", error),
            HttpRequestException { InnerException: AuthenticationException certificate } => new BucketFailure(
                BucketFailureKind.Other,
                $"The server's certificate is not accepted: {certificate.Message}",
                error
            ),
            HttpRequestException or IOException => new BucketFailure(BucketFailureKind.Transient, Sentence(error.Message), error),
            AmazonClientException client => new BucketFailure(KindOf(client), Sentence(client.Message), client),
            _ => null,
        };

    private static BucketFailureKind KindOf(AmazonClientException error) =>
        error.InnerException is HttpRequestException or IOException or WebException ? BucketFailureKind.Transient
        : error.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase) ? BucketFailureKind.Credentials
        : BucketFailureKind.Other;

    private static BucketFailureKind KindOf(AmazonServiceException error) =>
        error.ErrorCode switch
        {
            "NoSuchKey" or "NoSuchBucket" or "NoSuchUpload" or "NotFound" => BucketFailureKind.NotFound,
            "PreconditionFailed" or "ConditionalRequestConflict" => BucketFailureKind.Exists,
            "RequestTimeTooSkewed" => BucketFailureKind.Clock,
            "ExpiredToken" or "InvalidToken" or "TokenRefreshRequired" or "InvalidAccessKeyId" or "SignatureDoesNotMatch" =>
                BucketFailureKind.Credentials,
            "SlowDown" or "RequestTimeout" or "InternalError" or "ServiceUnavailable" or "OperationAborted" => BucketFailureKind.Transient,
            "BadDigest" or "InvalidDigest" or "XAmzContentSHA256Mismatch" or "XAmzContentChecksumMismatch" => BucketFailureKind.Damaged,
            "QuotaExceeded" or "InsufficientCapacity" or "XMinioStorageFull" or "InsufficientStorage" => BucketFailureKind.Full,
            "AccessDenied" or "AllAccessDisabled" or "AccountProblem" => BucketFailureKind.Denied,
            _ => KindOf(error.StatusCode),
        };

    // A HEAD has no body, so its status is all that is said.
    private static BucketFailureKind KindOf(HttpStatusCode status) =>
        status switch
        {
            HttpStatusCode.NotFound => BucketFailureKind.NotFound,
            HttpStatusCode.PreconditionFailed => BucketFailureKind.Exists,
            HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => BucketFailureKind.Denied,
            HttpStatusCode.InsufficientStorage => BucketFailureKind.Full,
            HttpStatusCode.TooManyRequests
            or HttpStatusCode.RequestTimeout
            or HttpStatusCode.InternalServerError
            or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => BucketFailureKind.Transient,
            _ => BucketFailureKind.Other,
        };

    private static string MessageOf(AmazonServiceException error) =>
        string.IsNullOrEmpty(error.ErrorCode)
            ? Sentence($"The server answered {(int)error.StatusCode} {error.StatusCode}")
            : Sentence($"The server answered {error.ErrorCode} ({(int)error.StatusCode}): {StorePath.Printable(error.Message ?? "")}");

    private static string Sentence(string text) => text.TrimEnd('.', ' ') + ".";
}
