using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Operations;
using EtcdDr.Tests.Fakes;

namespace EtcdDr.Tests.Etcd;

/// <summary>A TLS etcd cluster on loopback, each member with the files of a kubeadm node in a directory of its own.</summary>
internal sealed class EtcdTestCluster : IAsyncDisposable
{
    private EtcdTestCluster(string directory, TestPki pki, IReadOnlyList<EtcdTestMember> members)
    {
        Root = directory;
        Pki = pki;
        Members = members;
    }

    public string Root { get; }

    public TestPki Pki { get; }

    public IReadOnlyList<EtcdTestMember> Members { get; }

    public EtcdCluster Cluster =>
        new()
        {
            Name = "primary",
            Kubeconfig = $"{Root}/kubeconfig",
            Context = "primary",
            Server = new Uri("https://kube.example:6443"),
            Nodes = [.. Members.Select(m => m.Node)],
        };

    public static async Task<EtcdTestCluster> StartAsync(int size)
    {
        var directory = Directory.CreateTempSubdirectory("etcddr-test-").FullName;
        var pki = new TestPki($"{directory}/pki");
        pki.Issue("server");
        pki.Issue("apiserver-etcd-client", server: false);
        var ports = FreePorts(size * 2);
        var initial = string.Join(',', Enumerable.Range(0, size).Select(i => $"m{i + 1}=https://127.0.0.1:{ports[size + i]}"));
        var members = Enumerable
            .Range(0, size)
            .Select(i => new EtcdTestMember(directory, pki, $"m{i + 1}", ports[i], ports[size + i], initial))
            .ToList();
        var cluster = new EtcdTestCluster(directory, pki, members);
        foreach (var member in members)
        {
            member.WriteNodeFiles();
            member.Start();
        }

        await cluster.WaitUntilHealthyAsync();
        return cluster;
    }

    /// <summary>A member that is to join these; it is not started.</summary>
    public EtcdTestMember Another(string name)
    {
        var ports = FreePorts(2);
        string[] all = [.. Members.Select(m => $"{m.Name}={m.PeerUrl}"), $"{name}=https://127.0.0.1:{ports[1]}"];
        return new EtcdTestMember(Root, Pki, name, ports[0], ports[1], string.Join(',', all));
    }

    public ClusterSession CreateSession(RecordingSink? sink = null, params LocalHost[] hosts) =>
        new(Cluster, new OperationContext(sink ?? new RecordingSink()), CreateFactory(hosts));

    public LocalHostFactory CreateFactory(params LocalHost[] hosts) =>
        new(hosts.Length > 0 ? hosts : [.. Members.Select(m => m.CreateHost())]);

    public async Task<EtcdConnection> ConnectAsync(int member = 0, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        var session = new ClusterSession(Cluster, new OperationContext(new RecordingSink(), time: time), CreateFactory());
        return await EtcdConnection.ConnectAsync(session, Members[member].Node, Members[member].Configuration, cancellationToken);
    }

    public async Task WaitUntilHealthyAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        foreach (var index in Enumerable.Range(0, Members.Count))
        {
            await using var connection = await ConnectAsync(index, null, limit.Token);
            while (!await connection.IsHealthyAsync(limit.Token))
            {
                await Task.Delay(50, limit.Token);
            }
        }
    }

    public string Etcdctl(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "etcdctl",
            [
                $"--endpoints={Members[0].ClientUrl}",
                $"--cacert={Pki.CaFile}",
                $"--cert={Pki.Directory}/apiserver-etcd-client.crt",
                $"--key={Pki.Directory}/apiserver-etcd-client.key",
                .. arguments,
            ]
        )
        {
            RedirectStandardOutput = true,
        };
        start.Environment["ETCDCTL_API"] = "3";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members)
        {
            member.Dispose();
        }

        Pki.Dispose();
        Directory.Delete(Root, recursive: true);
        await Task.CompletedTask;
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(l => l.Start());
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToArray();
        listeners.ForEach(l => l.Stop());
        return ports;
    }
}
