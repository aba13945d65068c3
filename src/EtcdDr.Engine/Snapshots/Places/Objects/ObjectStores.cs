using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Places.Objects.S3;

namespace EtcdDr.Engine.Snapshots.Places.Objects;

/// <summary>Opens places in object storage.</summary>
internal static class ObjectStores
{
    /// <summary>Opens one; nothing is asked yet.</summary>
    public static ISnapshotStore Open(ObjectAddress address, PlaceSettings settings, OperationContext context)
    {
        var bucket = new S3Bucket(S3Clients.Create(settings, address.ToString()), address.Bucket);
        return new ObjectStore(new RetryingBucket(bucket, context.Time, context.Sink.Verbose), address.Prefix, context.Sink.Warning);
    }
}
