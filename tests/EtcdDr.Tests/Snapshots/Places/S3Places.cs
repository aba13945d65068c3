using System.Net;
using EtcdDr.Engine.Snapshots.Places.Objects;
using EtcdDr.Engine.Snapshots.Places.Objects.S3;
using EtcdDr.Lab.ObjectStorage;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>Opens places on the lab's S3 server as the module does.</summary>
internal static class S3Places
{
    public static ObjectStore Open(
        S3Server server,
        string prefix = "new/store",
        Action<string>? warn = null,
        string? secret = null,
        TimeSpan? limit = null
    )
    {
        var bucket = new S3Bucket(S3Clients.Create(Settings(server.Endpoint, secret), "s3://backups"), S3Server.Bucket);
        var retrying = new RetryingBucket(bucket, TimeProvider.System, _ => { }) { Limit = limit ?? TimeSpan.FromSeconds(30) };
        return new ObjectStore(retrying, prefix, warn ?? (_ => { }));
    }

    public static PlaceSettings Settings(Uri endpoint, string? secret = null) =>
        new()
        {
            Endpoint = endpoint,
            Secret = new NetworkCredential(string.Empty, secret ?? $"{S3Server.AccessKey}:{S3Server.SecretKey}").SecurePassword,
            SecretName = "lab/s3",
        };
}
