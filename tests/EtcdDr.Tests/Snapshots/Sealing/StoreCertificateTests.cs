using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.Snapshots.Sealing;

namespace EtcdDr.Tests.Snapshots.Sealing;

/// <summary>Certificates in this account's store, as PowerShell's CMS cmdlets name them. What a test puts there goes with it.</summary>
public sealed class StoreCertificateTests : IDisposable
{
    private readonly string _name = $"etcddr test {Guid.NewGuid():N}";
    private readonly List<X509Certificate2> _added = [];

    public void Dispose()
    {
        using var store = Store();
        foreach (var certificate in _added)
        {
            store.Remove(certificate);
            certificate.Dispose();
        }
    }

    [Fact]
    public void A_thumbprint_a_subject_a_common_name_and_a_pattern_find_it()
    {
        var thumbprint = Add(_name);
        foreach (var recipient in (string[])[thumbprint, thumbprint.ToLowerInvariant(), $"CN={_name}", _name, $"{_name[..^5]}*"])
        {
            using var found = Assert.Single(SealCertificates.Find(recipient));
            Assert.Equal(thumbprint, found.Thumbprint);
        }
    }

    [Fact]
    public void A_subject_finds_all_that_are_valid_and_for_document_encryption()
    {
        string[] fit = [Add(_name), Add(_name)];
        Add(_name, expired: true);
        var other = Add(_name, usage: "1.3.6.1.5.5.7.3.2");

        var found = SealCertificates.Find(_name);

        Assert.Equal(fit.Order(), found.Select(c => c.Thumbprint).Order());
        Assert.Equal("CertificateUnusable", Assert.Throws<EtcdDrException>(() => SealCertificates.Find(other)).ErrorId);
    }

    [Theory]
    [InlineData("store")]
    [InlineData("thumbprint")]
    [InlineData("subject")]
    public void A_private_key_in_the_store_opens_what_was_sealed_to_it(string by)
    {
        var thumbprint = Add(_name);
        using var sealer = SnapshotSealer.For((string[])[thumbprint]);
        var unsealer = new SnapshotUnsealer("a snapshot", sealer.Seal("sealed/0"));

        using var key = unsealer.Unseal(by == "store" ? null : new SnapshotDecryption(by == "subject" ? $"CN={_name}" : thumbprint, null));

        Assert.Equal(sealer.Key.Bytes.ToArray(), key.Bytes.ToArray());
    }

    [Fact]
    public void A_certificate_without_its_key_or_of_somebody_else_does_not_open_it()
    {
        var (own, other) = (Add(_name, withKey: false), Add(_name));
        using var sealer = SnapshotSealer.For((string[])[own]);
        var unsealer = new SnapshotUnsealer("a snapshot", sealer.Seal("sealed/0"));

        Assert.Equal("SnapshotKeyMissing", Assert.Throws<EtcdDrException>(() => unsealer.Unseal(null)).ErrorId);
        Assert.Equal(
            "DecryptionKeyUnreadable",
            Assert.Throws<EtcdDrException>(() => unsealer.Unseal(new SnapshotDecryption(own, null))).ErrorId
        );
        Assert.Equal(
            "SnapshotKeyWrong",
            Assert.Throws<EtcdDrException>(() => unsealer.Unseal(new SnapshotDecryption(other, null))).ErrorId
        );
    }

    private static X509Store Store()
    {
        var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        store.Open(OpenFlags.ReadWrite);
        return store;
    }

    private string Add(string name, bool expired = false, string usage = "1.3.6.1.4.1.311.80.1", bool withKey = true)
    {
        using var key = RSA.Create(2048);
        using var made = SealingIdentity.Certificate(key, name, expired, usage);
        var certificate = withKey
            ? X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx, "x"), "x", X509KeyStorageFlags.PersistKeySet)
            : X509CertificateLoader.LoadCertificate(made.RawData);
        using var store = Store();
        store.Add(certificate);
        _added.Add(certificate);
        return certificate.Thumbprint;
    }
}
