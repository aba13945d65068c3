using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using EtcdDr.Lab.Packages;
using EtcdDr.Lab.Tools;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Net.Client;

namespace EtcdDr.Lab.Etcd;

/// <summary>
/// A real etcd alone on loopback, without TLS, to make databases with: in a directory of its own below the temporary one, removed when
/// disposed.
/// </summary>
public sealed class LoneEtcd : IAsyncDisposable
{
    private readonly string _programs;
    private readonly Process _process;
    private readonly GrpcChannel _channel;

    private LoneEtcd(string programs, string directory, string endpoint, Process process)
    {
        _programs = programs;
        Directory = directory;
        Endpoint = endpoint;
        _process = process;
        _channel = GrpcChannel.ForAddress(endpoint, new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });
        Keys = new KV.KVClient(_channel);
        Maintenance = new Maintenance.MaintenanceClient(_channel);
        Leases = new Lease.LeaseClient(_channel);
    }

    /// <summary>Where its data and what it writes are.</summary>
    public string Directory { get; }

    /// <summary>Its client URL.</summary>
    public string Endpoint { get; }

    public KV.KVClient Keys { get; }

    public Maintenance.MaintenanceClient Maintenance { get; }

    public Lease.LeaseClient Leases { get; }

    /// <summary>Starts one and waits until it answers.</summary>
    /// <param name="version">3.4 or 3.5.</param>
    /// <param name="arguments">Further arguments of etcd.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LoneEtcd> StartAsync(
        string version,
        IEnumerable<string>? arguments = null,
        CancellationToken cancellationToken = default
    )
    {
        var programs = await EtcdPackages.GetAsync(version, null, cancellationToken);
        var directory = System.IO.Directory.CreateTempSubdirectory("etcddr-etcd-").FullName;
        var (client, peer) = FreePorts();
        var endpoint = $"http://127.0.0.1:{client}";
        var start = new ProcessStartInfo(Path.Combine(programs, "etcd"))
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] all =
        [
            "--name",
            "lone",
            "--data-dir",
            Path.Combine(directory, "data"),
            "--listen-client-urls",
            endpoint,
            "--advertise-client-urls",
            endpoint,
            "--listen-peer-urls",
            $"http://127.0.0.1:{peer}",
            "--initial-advertise-peer-urls",
            $"http://127.0.0.1:{peer}",
            "--initial-cluster",
            $"lone=http://127.0.0.1:{peer}",
            "--log-level",
            "error",
            .. arguments ?? [],
        ];
        foreach (var argument in all)
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var etcd = new LoneEtcd(programs, directory, endpoint, process);
        try
        {
            await etcd.WaitAsync(cancellationToken);
            return etcd;
        }
        catch
        {
            await etcd.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes keys, a hundred a transaction.</summary>
    public async Task PutManyAsync(IEnumerable<(string Key, byte[] Value)> pairs, CancellationToken cancellationToken = default)
    {
        foreach (var chunk in pairs.Chunk(100))
        {
            var transaction = new TxnRequest();
            transaction.Success.AddRange(
                chunk.Select(p => new RequestOp
                {
                    RequestPut = new PutRequest { Key = ByteString.CopyFromUtf8(p.Key), Value = UnsafeByteOperations.UnsafeWrap(p.Value) },
                })
            );
            await Keys.TxnAsync(transaction, cancellationToken: cancellationToken);
        }
    }

    /// <summary>Writes a key.</summary>
    public async Task PutAsync(string key, string value, long lease = 0, CancellationToken cancellationToken = default) =>
        await Keys.PutAsync(
            new PutRequest
            {
                Key = ByteString.CopyFromUtf8(key),
                Value = ByteString.CopyFromUtf8(value),
                Lease = lease,
            },
            cancellationToken: cancellationToken
        );

    /// <summary>Deletes a key.</summary>
    public async Task DeleteAsync(string key, CancellationToken cancellationToken = default) =>
        await Keys.DeleteRangeAsync(new DeleteRangeRequest { Key = ByteString.CopyFromUtf8(key) }, cancellationToken: cancellationToken);

    /// <summary>Compacts and waits until that is done physically.</summary>
    public async Task CompactAsync(long revision, CancellationToken cancellationToken = default) =>
        await Keys.CompactAsync(new CompactionRequest { Revision = revision, Physical = true }, cancellationToken: cancellationToken);

    /// <summary>Current revision and number of keys.</summary>
    public async Task<(long Revision, long Keys)> CountAsync(CancellationToken cancellationToken = default)
    {
        var all = ByteString.CopyFrom(0);
        var answer = await Keys.RangeAsync(
            new RangeRequest
            {
                Key = all,
                RangeEnd = all,
                CountOnly = true,
            },
            cancellationToken: cancellationToken
        );
        return (answer.Header.Revision, answer.Count);
    }

    /// <summary>The server's HashKV.</summary>
    public async Task<HashKVResponse> HashKvAsync(long revision = 0, CancellationToken cancellationToken = default) =>
        await Maintenance.HashKVAsync(new HashKVRequest { Revision = revision }, cancellationToken: cancellationToken);

    /// <summary>Saves a snapshot with etcdctl; gives its path.</summary>
    public async Task<string> SnapshotAsync(CancellationToken cancellationToken = default)
    {
        var path = Path.Combine(Directory, $"snapshot-{Guid.NewGuid():N}.db");
        await ControlAsync(["snapshot", "save", path], cancellationToken);
        return path;
    }

    /// <summary>Runs etcdctl against it.</summary>
    public Task<string> ControlAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken = default) =>
        ToolAsync("etcdctl", ["--endpoints", Endpoint, .. arguments], cancellationToken);

    /// <summary>What <c>etcdctl snapshot status</c> (3.4) or <c>etcdutl snapshot status</c> (3.5) says.</summary>
    public async Task<JsonElement> SnapshotStatusAsync(string path, CancellationToken cancellationToken = default)
    {
        var program = File.Exists(Path.Combine(_programs, "etcdutl")) ? "etcdutl" : "etcdctl";
        return JsonDocument.Parse(await ToolAsync(program, ["snapshot", "status", path, "-w", "json"], cancellationToken)).RootElement;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static (int Client, int Peer) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    private Task<string> ToolAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        Tool.RunAsync(Path.Combine(_programs, program), arguments, cancellationToken);

    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                await CountAsync(limit.Token);
                return;
            }
            catch (Grpc.Core.RpcException) when (!limit.IsCancellationRequested && !_process.HasExited)
            {
                // Not listening yet, or no leader yet.
                await Task.Delay(50, limit.Token);
            }
            catch (Grpc.Core.RpcException failure)
            {
                throw new LabException($"etcd on {Endpoint} did not come up.", failure);
            }
        }
    }
}
