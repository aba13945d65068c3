using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Keys;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Restore;

/// <summary>Keys in a KMS, and objects in a second etcd: neither is in a snapshot, and both are named.</summary>
public sealed class KmsFindingsTests
{
    private const string Configuration = """
        kind: EncryptionConfiguration
        apiVersion: apiserver.config.k8s.io/v1
        resources:
        - resources: [secrets, configmaps]
          providers:
          - kms: {apiVersion: v2, name: vault, endpoint: "unix:///run/kms/vault.sock"}
          - aescbc: {keys: [{name: key1, secret: c2VjcmV0IHRoYXQgbm9ib2R5IHNob3VsZCBzZWU=}]}
          - identity: {}
        """;

    [Fact]
    public void A_kms_is_found_in_an_encryption_configuration_and_one_without_has_none()
    {
        var kms = Assert.Single(KmsProvider.Of(Configuration));

        Assert.Equal(("vault", "unix:///run/kms/vault.sock"), (kms.Name, kms.Endpoint));
        Assert.Equal(["secrets", "configmaps"], kms.Resources);
        Assert.Empty(KmsProvider.Of(Configuration.Replace("kms:", "secretbox:", StringComparison.Ordinal)));
        Assert.Empty(KmsProvider.Of("{"));
    }

    [Fact]
    public void A_restore_to_a_site_without_that_kms_is_refused_by_name()
    {
        var findings = KmsFindings.Judge(
            KmsProvider.Of(Configuration),
            [("cp1", KmsProvider.Of(Configuration)), ("cp2", [new KmsProvider("other", "unix:///run/kms/vault.sock", [])])]
        );

        Assert.Equal([("cp1", false), ("cp2", true)], findings.Select(f => (f.Node!, f.Blocks)));
        Assert.Contains("KMS 'vault' (unix:///run/kms/vault.sock)", findings[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_snapshot_says_clearly_that_the_key_of_a_kms_and_the_events_of_a_second_etcd_are_not_in_it()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("etcddr-kms-").FullName, "encryption.yaml");
        try
        {
            File.WriteAllText(file, Configuration);
            var apiServer = ApiServerSample.Of(
                Path.GetDirectoryName(file)!,
                $"--encryption-provider-config={file}",
                "--etcd-servers-overrides=/events#https://127.0.0.1:2382"
            );

            var warnings = await SnapshotKeys.OutsideAsync(new LocalHost("cp1"), apiServer, CancellationToken.None);

            Assert.Equal(2, warnings.Count);
            Assert.Contains("secrets, configmaps are encrypted by the KMS 'vault'", warnings[0], StringComparison.Ordinal);
            Assert.Contains("/events#https://127.0.0.1:2382 in another etcd", warnings[1], StringComparison.Ordinal);
            Assert.DoesNotContain("c2VjcmV0", string.Concat(warnings), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }
}
