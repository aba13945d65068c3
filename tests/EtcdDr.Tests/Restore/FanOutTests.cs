using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.Journals;
using EtcdDr.Engine.Restore;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Restore;

/// <summary>One node passes a database on to another, with OpenSSL as nodes have it; both nodes are this machine.</summary>
public sealed class FanOutTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("etcddr-fan-out-").FullName;
    private readonly byte[] _database = RandomNumberGenerator.GetBytes(3_000_000);
    private readonly int _port = FreePort();
    private readonly X509Certificate2 _authority = Authority("etcd-ca");

    public FanOutTests()
    {
        File.WriteAllText(At("ca.crt"), _authority.ExportCertificatePem());
        Directory.CreateDirectory(At("cp1"));
        File.WriteAllBytes(At("cp1/snapshot.db"), _database);
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [RootFact]
    public async Task A_database_is_passed_on_to_a_peer_and_nobody_listens_any_more()
    {
        Assert.Null(await PassOnAsync(Peer("cp1", _authority), Peer("cp2", _authority)));

        Assert.Equal(_database, await File.ReadAllBytesAsync(At("cp2/work/snapshot.db")));
        Assert.Equal(
            ["begin ship-database", "done ship-database"],
            File.ReadLines(At("cp2/journal/steps")).Select(l => l[(l.IndexOf(' ') + 1)..])
        );
        using var again = new TcpListener(IPAddress.Loopback, _port);
        again.Start();
    }

    [RootFact]
    public async Task A_peer_whose_certificate_is_of_another_authority_gets_nothing()
    {
        using var other = Authority("other-ca");

        Assert.NotNull(await PassOnAsync(Peer("cp1", _authority), Peer("cp2", other)));

        Assert.False(File.Exists(At("cp2/work/snapshot.db")));
        Assert.All(Directory.GetFiles(At("cp2/work")), left => Assert.Equal(0, new FileInfo(left).Length));
    }

    [RootFact]
    public async Task A_giver_whose_certificate_is_of_another_authority_is_not_believed()
    {
        using var other = Authority("other-ca");

        Assert.Contains("no TLS connection", await PassOnAsync(Peer("cp1", other), Peer("cp2", _authority)), StringComparison.Ordinal);
    }

    [RootFact]
    public async Task A_giver_whose_certificate_is_for_another_address_is_not_believed()
    {
        Assert.Contains(
            "no TLS connection",
            await PassOnAsync(Peer("cp1", _authority, IPAddress.Parse("10.9.9.9")), Peer("cp2", _authority)),
            StringComparison.Ordinal
        );
    }

    [RootFact]
    public async Task A_database_that_is_not_the_snapshots_is_not_taken()
    {
        await File.WriteAllBytesAsync(At("cp1/snapshot.db"), _database.AsMemory(1));

        Assert.Contains("SHA-256", await PassOnAsync(Peer("cp1", _authority), Peer("cp2", _authority)), StringComparison.Ordinal);

        Assert.False(File.Exists(At("cp2/work/snapshot.db")));
    }

    [Fact]
    public async Task A_port_that_something_else_has_is_told()
    {
        using var other = new TcpListener(IPAddress.Loopback, _port);
        other.Start();

        Assert.Matches(
            "does not listen at 127.0.0.1:.*Address already in use",
            (await PassOnAsync(Peer("cp1", _authority), Peer("cp2", _authority)))!.ReplaceLineEndings(" ")
        );
    }

    [Fact]
    public async Task Whoever_stops_it_leaves_nobody_listening()
    {
        using var stop = new CancellationTokenSource();
        var taker = new LocalHost("cp2") { Rewrite = c => c with { Script = "sleep 60" } };
        var passing = Transfer(Peer("cp1", _authority), Peer("cp2", _authority)).RunAsync(new LocalHost("cp1"), taker, stop.Token);
        while (taker.Commands.IsEmpty)
        {
            await Task.Yield();
        }

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => passing);
        await PortIsFreeAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("https://10.0.0.7:2380", "10.0.0.7:12380", true)]
    [InlineData("https://[fd00::7]:2380", "[fd00::7]:12380", true)]
    [InlineData("https://cp1.example.com:2380", "cp1.example.com:12380", false)]
    public void A_peer_is_reached_where_its_members_peer_url_says(string url, string place, bool isAddress)
    {
        var peer = new FanOutPeer(new Uri(url).DnsSafeHost, "/c", "/k", "/a");

        Assert.Equal(place, peer.At(12380));
        Assert.Equal(isAddress, peer.IsIpAddress);
    }

    private Task<string?> PassOnAsync(FanOutPeer from, FanOutPeer to) =>
        Transfer(from, to).RunAsync(new LocalHost("cp1"), new LocalHost("cp2"), CancellationToken.None);

    private FanOut Transfer(FanOutPeer from, FanOutPeer to) =>
        new(Node("cp1", At("cp1")), from, Node("cp2", At("cp2/work")), to, _port, Convert.ToHexStringLower(SHA256.HashData(_database)));

    private JournalNode Node(string name, string work) =>
        new()
        {
            Name = name,
            MemberName = name,
            PeerUrls = ["https://127.0.0.1:2380"],
            ManifestDirectory = At($"{name}/manifests"),
            JournalDirectory = At($"{name}/journal"),
            Components = EtcdDr.Engine.ControlPlane.ControlPlanePart.Components,
            WorkDirectory = work,
            DataDirectory = At($"{name}/etcd"),
            Units = [],
        };

    private FanOutPeer Peer(string name, X509Certificate2 authority, IPAddress? address = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(address ?? IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(
            authority,
            DateTimeOffset.UtcNow.AddMinutes(-5),
            DateTimeOffset.UtcNow.AddHours(1),
            RandomNumberGenerator.GetBytes(8)
        );
        File.WriteAllText(At($"{name}.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(At($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
        return new FanOutPeer("127.0.0.1", At($"{name}.crt"), At($"{name}.key"), At("ca.crt"));
    }

    private string At(string path) => Path.Combine(_root, path);

    private static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddDays(1));
    }

    // Below the ports that the system gives to whoever connects (32768 and up): one that is free now could be somebody's a moment later.
    // A process that was ended has its port until the kernel is done with it, which a busy machine takes its time for.
    private async Task PortIsFreeAsync(TimeSpan limit)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            using var again = new TcpListener(IPAddress.Loopback, _port);
            try
            {
                again.Start();
                return;
            }
            catch (SocketException e)
                when (e.SocketErrorCode == SocketError.AddressAlreadyInUse && Stopwatch.GetElapsedTime(started) < limit)
            {
                await Task.Delay(20);
            }
        }
    }

    private static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20000, 32000);
            using var listener = new TcpListener(IPAddress.Loopback, port);
            try
            {
                listener.Start();
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one, then.
            }
        }
    }
}
