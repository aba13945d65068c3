using EtcdDr.Engine.Snapshots.Places.Objects.S3;
using EtcdDr.Lab.ObjectStorage;

namespace EtcdDr.Tests.Snapshots.Places;

/// <summary>One real S3 server with a bucket, for all tests of a class.</summary>
public sealed class CephFixture : IAsyncLifetime
{
    /// <summary>The bucket.</summary>
    internal const string Bucket = "backups";

    private CephGateway _gateway = null!;

    internal Uri Endpoint => _gateway.Endpoint;

    public async Task InitializeAsync()
    {
        _gateway = await CephGateway.StartAsync();
        using var client = S3Clients.Create(S3Places.Settings(Endpoint), "s3://backups");
        await client.PutBucketAsync(new Amazon.S3.Model.PutBucketRequest { BucketName = Bucket });
    }

    public async Task DisposeAsync() => await _gateway.DisposeAsync();
}
