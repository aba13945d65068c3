using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.ControlPlane.Alias;

namespace EtcdDr.Tests.ControlPlane.Alias;

public sealed class ServingCertificateTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_new_certificate_is_as_kubeadm_makes_them_with_a_key_of_the_present_ones_kind(bool authorityIsRsa, bool presentIsRsa)
    {
        var (authority, authorityKey) = Authority(authorityIsRsa);
        using var present = Leaf(presentIsRsa);

        var (pem, key) = ServingCertificate.Issue(
            present,
            ["cp1", "10.96.0.1", "alias.example.com"],
            authority,
            authorityKey,
            TimeSpan.FromDays(365),
            Now
        );

        using var issued = X509Certificate2.CreateFromPem(pem, key);
        Assert.Equal(["cp1", "alias.example.com", "10.96.0.1"], ServingCertificate.NamesOf(issued));
        Assert.Equal("CN=kube-apiserver", issued.Subject);
        Assert.Equal(presentIsRsa ? "1.2.840.113549.1.1.1" : "1.2.840.10045.2.1", issued.PublicKey.Oid.Value);
        Assert.Contains(presentIsRsa ? "BEGIN RSA PRIVATE KEY" : "BEGIN EC PRIVATE KEY", key, StringComparison.Ordinal);
        Assert.Equal(
            "1.3.6.1.5.5.7.3.1",
            Assert.Single(issued.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>()).Value
        );
        Assert.Equal(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment,
            issued.Extensions.OfType<X509KeyUsageExtension>().Single().KeyUsages
        );
        Assert.False(issued.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
        Assert.Equal(Now.AddDays(365), new DateTimeOffset(issued.NotAfter.ToUniversalTime()));
        Assert.NotEqual(present.GetPublicKeyString(), issued.GetPublicKeyString());
    }

    [Fact]
    public void It_is_never_valid_longer_than_its_authority()
    {
        var (authority, key) = Authority(rsa: false);
        using var present = Leaf(rsa: false);

        using var issued = X509Certificate2.CreateFromPem(
            ServingCertificate.Issue(present, ["a"], authority, key, TimeSpan.FromDays(36500), Now).Certificate
        );

        Assert.Equal(authority.NotAfter, issued.NotAfter);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_key_of_another_authority_is_refused(bool rsa)
    {
        var (authority, _) = Authority(rsa);
        var (_, otherKey) = Authority(rsa);
        using var present = Leaf(rsa);

        Assert.Throws<CryptographicException>(() =>
            ServingCertificate.Issue(present, ["a"], authority, otherKey, TimeSpan.FromDays(1), Now)
        );
        Assert.Throws<CryptographicException>(() =>
            ServingCertificate.Issue(present, ["a"], authority, "no key", TimeSpan.FromDays(1), Now)
        );
    }

    [Theory]
    [InlineData("8760h0m0s", 365)]
    [InlineData("1y", null)]
    [InlineData(null, null)]
    public void Validity_is_read_as_kubeadm_writes_it(string? text, int? days) =>
        Assert.Equal(days is { } d ? TimeSpan.FromDays(d) : null, ServingCertificate.Duration(text));

    private static (X509Certificate2 Certificate, string Key) Authority(bool rsa)
    {
        using AsymmetricAlgorithm key = rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = Request("CN=kubernetes", key);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var certificate = request.CreateSelfSigned(Now.AddYears(-1), Now.AddYears(9));
        return (certificate, key is RSA r ? r.ExportRSAPrivateKeyPem() : ((ECDsa)key).ExportECPrivateKeyPem());
    }

    private static X509Certificate2 Leaf(bool rsa)
    {
        using AsymmetricAlgorithm key = rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Request("CN=kube-apiserver", key).CreateSelfSigned(Now.AddDays(-1), Now.AddDays(1));
    }

    private static CertificateRequest Request(string subject, AsymmetricAlgorithm key) =>
        key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA384);
}
