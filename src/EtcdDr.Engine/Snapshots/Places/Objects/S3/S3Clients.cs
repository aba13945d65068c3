using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;

namespace EtcdDr.Engine.Snapshots.Places.Objects.S3;

/// <summary>Makes the SDK's clients as the profile says.</summary>
internal static class S3Clients
{
    private const string AnyRegion = "us-east-1";

    /// <summary>A client. Credentials are those of the place's secret, or what the SDK finds: environment, shared files, web identity,
    /// IMDSv2.</summary>
    /// <exception cref="EtcdDrException"><c>PlaceSecretInvalid</c>, <c>PlaceCaUnusable</c>.</exception>
    public static AmazonS3Client Create(PlaceSettings settings, string place)
    {
        var configuration = Configuration(settings, place);
        return settings.Secret is null
            ? new AmazonS3Client(configuration)
            : new AmazonS3Client(Credentials(settings, place), configuration);
    }

    private static AmazonS3Config Configuration(PlaceSettings settings, string place)
    {
        var configuration = new AmazonS3Config
        {
            // RetryingBucket does that. The one is for a clock that is off, which the SDK follows only where it may repeat.
            MaxErrorRetry = 1,
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            Timeout = Timeout.InfiniteTimeSpan,
            HttpClientFactory = new S3HttpClients(settings.CaFile, place),
        };
        if (settings.Endpoint is { } endpoint)
        {
            configuration.ServiceURL = endpoint.AbsoluteUri;
            configuration.AuthenticationRegion = settings.Region ?? AnyRegion;
            configuration.ForcePathStyle = settings.PathStyle ?? !IsAmazon(endpoint);
        }
        else
        {
            configuration.ForcePathStyle = settings.PathStyle ?? false;
            configuration.RegionEndpoint =
                settings.Region is { } region ? RegionEndpoint.GetBySystemName(region)
                : FallbackRegionFactory.GetRegionEndpoint() is { } found ? found
                : RegionEndpoint.USEast1;
        }

        return configuration;
    }

    private static bool IsAmazon(Uri endpoint) => endpoint.Host.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase);

    // KEY:SECRET, or KEY:SECRET:TOKEN. No part of them has a colon.
    private static AWSCredentials Credentials(PlaceSettings settings, string place) =>
        new NetworkCredential(string.Empty, settings.Secret).Password.Split(':') switch
        {
            [{ Length: > 0 } key, { Length: > 0 } secret] => new BasicAWSCredentials(key, secret),
            [{ Length: > 0 } key, { Length: > 0 } secret, { Length: > 0 } token] => new SessionAWSCredentials(key, secret, token),
            _ => throw new EtcdDrException(
                "PlaceSecretInvalid",
                EtcdDrErrorCategory.AuthenticationError,
                Errors.PlaceSecretInvalid.With(settings.SecretName, place),
                Errors.PlaceSecretInvalid_Action,
                settings.SecretName
            ),
        };
}
