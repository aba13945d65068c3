using System.Security.Cryptography;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Snapshots;

/// <summary>Which of a node's service-account keys is which in a snapshot.</summary>
public sealed class SnapshotKeysTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    // Neither the order of the flags nor names say which of several keys belongs to the one that signs.
    [Theory]
    [InlineData("sa.pub", "old.pub")]
    [InlineData("old.pub", "sa.pub")]
    public async Task Of_several_verification_keys_the_one_that_belongs_to_the_signing_key_is_sa_pub_and_the_others_are_kept(
        string first,
        string second
    )
    {
        using var signs = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var retired = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(_temp.At("sa.key"), signs.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(_temp.At("sa.pub"), signs.ExportSubjectPublicKeyInfoPem());
        await File.WriteAllTextAsync(_temp.At("old.pub"), retired.ExportSubjectPublicKeyInfoPem());
        await using var writer = await SnapshotWriter.CreateAsync(new LocalSnapshotStore(_temp.At("backups")), DateTimeOffset.UtcNow);

        await SnapshotKeys.WriteAsync(new LocalHost("cp1"), ApiServer(first, second), writer, CancellationToken.None);

        var path = await writer.CompleteAsync(new SnapshotManifest { Files = writer.Files }, CancellationToken.None);
        Assert.Equal(signs.ExportSubjectPublicKeyInfoPem(), await File.ReadAllTextAsync(Path.Combine(path, "keys/sa.pub")));
        Assert.Equal(retired.ExportSubjectPublicKeyInfoPem(), await File.ReadAllTextAsync(Path.Combine(path, "keys/verify-old.pub")));
    }

    private ApiServerConfiguration ApiServer(string first, string second) =>
        ApiServerSample.Of(
            _temp.Path,
            $"--service-account-signing-key-file={_temp.At("sa.key")}",
            $"--service-account-key-file={_temp.At(first)}",
            $"--service-account-key-file={_temp.At(second)}"
        );
}
