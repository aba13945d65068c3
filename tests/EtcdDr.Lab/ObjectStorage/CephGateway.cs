using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EtcdDr.Lab.Packages;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.ObjectStorage;

/// <summary>
/// A real S3 server: Ceph's radosgw of Debian's packages before one monitor and one OSD that keeps its objects in memory, all on loopback
/// with keys of their own, in a directory below the temporary one that is removed when disposed. It is up in about ten seconds.
/// </summary>
internal sealed class CephGateway : IAsyncDisposable
{
    private static readonly (string, string)[] Packages =
    [
        ("ceph-mon", "/usr/bin/ceph-mon"),
        ("ceph-osd", "/usr/bin/ceph-osd"),
        ("radosgw", "/usr/bin/radosgw"),
    ];

    private static readonly TimeSpan ComesUpWithin = TimeSpan.FromMinutes(3);

    private readonly string _directory;
    private readonly List<Process> _processes = [];

    private CephGateway(string directory, int port)
    {
        _directory = directory;
        Endpoint = new Uri($"http://127.0.0.1:{port}");
    }

    /// <summary>Its address.</summary>
    public Uri Endpoint { get; }

    private string Configuration => Path.Combine(_directory, "ceph.conf");

    private string Keyring => Path.Combine(_directory, "keyring");

    /// <summary>Starts one, installs it if need be, and makes the lab's account in it (<see cref="S3Server.AccessKey"/>).</summary>
    /// <exception cref="LabException">It did not come up; the message says what the parts said.</exception>
    public static async Task<CephGateway> StartAsync(CancellationToken cancellationToken = default)
    {
        await LabPackages.EnsureAsync(Packages, _ => { }, cancellationToken);
        var (monitor, gateway) = FreePorts();
        var ceph = new CephGateway(Directory.CreateTempSubdirectory("etcddr-ceph-").FullName, gateway);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(ComesUpWithin);
            await ceph.StartAsync(monitor, gateway, limit.Token);
            return ceph;
        }
        catch
        {
            await ceph.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in Enumerable.Reverse(_processes))
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            await process.WaitForExitAsync();
            process.Dispose();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private static (int First, int Second) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    private async Task StartAsync(int monitor, int gateway, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid().ToString();
        await File.WriteAllTextAsync(Configuration, Text(id, monitor, gateway), cancellationToken);
        Directory.CreateDirectory(Path.Combine(_directory, "osd"));
        await KeyAsync("mon.", ["--create-keyring", "--cap", "mon", "allow *"], cancellationToken);
        await KeyAsync(
            "client.admin",
            ["--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *"],
            cancellationToken
        );
        var map = Path.Combine(_directory, "monmap");
        await Tool.RunAsync("monmaptool", ["--create", "--fsid", id, "--addv", "a", $"[v2:127.0.0.1:{monitor}]", map], cancellationToken);
        await RunAsync("ceph-mon", ["--mkfs", "-i", "a", "--monmap", map, "--keyring", Keyring], cancellationToken);
        Start("ceph-mon", "-i", "a");
        var osd = Guid.NewGuid().ToString();
        await RunAsync("ceph", ["osd", "new", osd, "0"], cancellationToken);
        await AccountAsync(["osd.0", "mon", "allow profile osd", "osd", "allow *"], cancellationToken);
        await AccountAsync(["client.rgw", "mon", "allow rwx", "osd", "allow rwx"], cancellationToken);
        await RunAsync("ceph-osd", ["-i", "0", "--mkfs", "--osd-uuid", osd], cancellationToken);
        Start("ceph-osd", "-i", "0");
        Start("radosgw", "-n", "client.rgw");
        await AnswersAsync(cancellationToken);
        await RunAsync(
            "radosgw-admin",
            [
                "user",
                "create",
                "--uid",
                "lab",
                "--display-name",
                "lab",
                "--access-key",
                S3Server.AccessKey,
                "--secret-key",
                S3Server.SecretKey,
            ],
            cancellationToken
        );
    }

    private string Text(string id, int monitor, int gateway) =>
        $"""
            [global]
            fsid = {id}
            mon host = [v2:127.0.0.1:{monitor}/0]
            auth cluster required = cephx
            auth service required = cephx
            auth client required = cephx
            auth allow insecure global id reclaim = false
            ms bind ipv6 = false
            public network = 127.0.0.0/8
            run dir = {_directory}
            admin socket = {_directory}/$name.asok
            pid file =
            log file = {_directory}/$name.log
            keyring = {Keyring}
            crash dir = {_directory}
            mon data = {_directory}/mon
            mon cluster log file = {_directory}/cluster.log
            mon allow pool size one = true
            osd data = {_directory}/osd
            osd objectstore = memstore
            memstore device bytes = 2147483648
            osd pool default size = 1
            osd pool default min size = 1
            osd pool default pg num = 1
            osd pool default pgp num = 1
            osd crush chooseleaf type = 0
            [client.rgw]
            rgw frontends = beast endpoint=127.0.0.1:{gateway}
            rgw thread pool size = 16

            """;

    private Task KeyAsync(string name, string[] arguments, CancellationToken cancellationToken) =>
        Tool.RunAsync("ceph-authtool", [Keyring, "--gen-key", "-n", name, .. arguments], cancellationToken);

    private async Task AccountAsync(string[] arguments, CancellationToken cancellationToken)
    {
        var key = await RunAsync("ceph", ["auth", "get-or-create", .. arguments], cancellationToken);
        await File.AppendAllTextAsync(Keyring, key, cancellationToken);
    }

    private Task<string> RunAsync(string program, string[] arguments, CancellationToken cancellationToken) =>
        Tool.RunAsync(program, ["-c", Configuration, .. arguments], cancellationToken);

    private void Start(string program, params string[] arguments)
    {
        var process = Tool.Start(program, ["-c", Configuration, .. arguments, "--foreground"]);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes.Add(process);
    }

    private async Task AnswersAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        while (true)
        {
            try
            {
                using var answer = await client.GetAsync(Endpoint, cancellationToken);
                return;
            }
            catch (HttpRequestException failure)
            {
                if (_processes.Find(p => p.HasExited) is { } ended)
                {
                    throw new LabException($"A part of Ceph ended with status {ended.ExitCode} before it was up.", failure);
                }

                // Its pools are being made.
                await Task.Delay(100, cancellationToken);
            }
        }
    }
}
