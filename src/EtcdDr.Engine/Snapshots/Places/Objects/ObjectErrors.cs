namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>Turns failures of buckets into errors of the catalogue that name the place and the remedy.</summary>
internal static class ObjectErrors
{
    /// <summary>The error for a read that failed.</summary>
    public static EtcdDrException Reading(BucketFailure failure, string place) =>
        Common(failure, place)
        ?? failure.Kind switch
        {
            BucketFailureKind.NotFound => StoreErrors.Missing(place, failure),
            BucketFailureKind.Exists => SnapshotErrors.Altered(place, Errors.SnapshotAltered_WhileRead_Part, failure),
            BucketFailureKind.Denied => StoreErrors.Reading(new UnauthorizedAccessException(failure.Message, failure), place),
            _ => StoreErrors.Reading(failure, place),
        };

    /// <summary>The error for a write that failed.</summary>
    public static EtcdDrException Writing(BucketFailure failure, string place) =>
        Common(failure, place)
        ?? failure.Kind switch
        {
            BucketFailureKind.NotFound => StoreErrors.NotWritable(place, failure),
            BucketFailureKind.Exists => StoreErrors.Exists(place),
            BucketFailureKind.Denied => StoreErrors.NotWritable(place, failure),
            BucketFailureKind.Full => StoreErrors.Full(place, failure, failure.Message),
            BucketFailureKind.Damaged => NotVerified(place, place, failure),
            _ => StoreErrors.Writing(failure, place),
        };

    /// <summary>The error for a file that is not what was sent.</summary>
    public static EtcdDrException NotVerified(string file, string place, Exception? cause = null) =>
        new(
            "CopyNotVerified",
            EtcdDrErrorCategory.InvalidData,
            Errors.CopyNotVerified.With(file, place),
            Errors.CopyNotVerified_Action,
            place,
            cause
        );

    private static EtcdDrException? Common(BucketFailure failure, string place) =>
        failure.Kind switch
        {
            BucketFailureKind.Credentials => new EtcdDrException(
                "PlaceNotAuthenticated",
                EtcdDrErrorCategory.AuthenticationError,
                Errors.PlaceNotAuthenticated.With(place, Sentence(failure)),
                Errors.PlaceNotAuthenticated_Action,
                place,
                failure
            ),
            BucketFailureKind.Clock => new EtcdDrException(
                "PlaceClockDiffers",
                EtcdDrErrorCategory.AuthenticationError,
                Errors.PlaceClockDiffers.With(place, Sentence(failure)),
                Errors.PlaceClockDiffers_Action,
                place,
                failure
            ),
            BucketFailureKind.Transient => new EtcdDrException(
                "PlaceUnreachable",
                EtcdDrErrorCategory.ConnectionError,
                Errors.PlaceUnreachable.With(place, Sentence(failure)),
                Errors.PlaceUnreachable_Action,
                place,
                failure
            ),
            _ => null,
        };

    private static string Sentence(BucketFailure failure) => failure.Message.TrimEnd('.');
}
