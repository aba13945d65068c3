using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.Etcd.Members;
using EtcdDr.Tests.Snapshots;

namespace EtcdDr.Tests.Etcd.Members;

/// <summary>Certificates that a member needs on its node: whether those that are there will do, and new ones.</summary>
public sealed class MemberPairTests : IDisposable
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly TempDirectory _directory = new();
    private readonly TestPki _pki;
    private readonly X509Certificate2 _authority;

    public MemberPairTests()
    {
        _pki = new TestPki(_directory.At("pki"));
        _authority = X509Certificate2.CreateFromPem(File.ReadAllText(_pki.CaFile));
    }

    private static MemberPair Server(params string[] names) => new("/p/server.crt", "/p/server.key", "/p/ca.crt", "cp3", true, names);

    public void Dispose()
    {
        _authority.Dispose();
        _pki.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_pair_of_the_present_ca_with_all_names_will_do()
    {
        var (certificate, key) = Read(_pki.Issue("cp3"));

        Assert.Null(Server("cp3", "127.0.0.1").FaultOf(certificate, key, _authority, Now));
    }

    [Fact]
    public void What_is_wrong_with_a_pair_is_said()
    {
        using var other = new TestPki(_directory.At("other"));
        var (certificate, key) = Read(_pki.Issue("cp3"));
        var foreign = Read(other.Issue("cp3"));

        Assert.Equal("missing", Server("cp3").FaultOf(null, key, _authority, Now));
        Assert.Equal("missing", Server("cp3").FaultOf(certificate, null, _authority, Now));
        Assert.Equal("no usable pair", Server("cp3").FaultOf(certificate, foreign.Key, _authority, Now));
        Assert.Equal("signed by another CA", Server("cp3").FaultOf(foreign.Certificate, foreign.Key, _authority, Now));
        Assert.Equal("not for 10.0.0.13", Server("cp3", "10.0.0.13").FaultOf(certificate, key, _authority, Now));
        Assert.Equal("expired", Server("cp3").FaultOf(certificate, key, _authority, Now.AddDays(2)));
    }

    private static (string Certificate, string Key) Read((string Certificate, string Key) files) =>
        (File.ReadAllText(files.Certificate), File.ReadAllText(files.Key));
}
