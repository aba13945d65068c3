using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Etcdserverpb;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>The throwaway etcd of a drill on this machine: on loopback, behind TLS with the drill's own certificate. Disposing it ends it.</summary>
internal sealed class DrillServer : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CallLimit = TimeSpan.FromMinutes(5);
    private readonly Process _process;
    private readonly ProcessOutput _output;
    private readonly GrpcChannel _channel;

    private DrillServer(Process process, GrpcChannel channel)
    {
        _process = process;
        _output = new ProcessOutput(process);
        _channel = channel;
    }

    /// <summary>Two ports that are free now.</summary>
    internal static (int Client, int Peer) FreePorts()
    {
        using var client = new TcpListener(IPAddress.Loopback, 0);
        using var peer = new TcpListener(IPAddress.Loopback, 0);
        client.Start();
        peer.Start();
        return (((IPEndPoint)client.LocalEndpoint).Port, ((IPEndPoint)peer.LocalEndpoint).Port);
    }

    /// <summary>Starts etcd on a restored data directory.</summary>
    internal static DrillServer Start(string program, string directory, int client, int peer, X509Certificate2 certificate)
    {
        var (crt, key) = (Path.Combine(directory, "drill.crt"), Path.Combine(directory, "drill.key"));
        var (clientUrl, peerUrl) = ($"https://127.0.0.1:{client}", $"https://127.0.0.1:{peer}");
        string[] arguments =
        [
            "--name", "drill", "--data-dir", Path.Combine(directory, "data"),
            "--listen-client-urls", clientUrl, "--advertise-client-urls", clientUrl, "--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl,
            "--initial-cluster", $"drill={peerUrl}",
            "--cert-file", crt, "--key-file", key, "--trusted-ca-file", crt, "--client-cert-auth",
            "--peer-cert-file", crt, "--peer-key-file", key, "--peer-trusted-ca-file", crt, "--peer-client-cert-auth",
            "--log-level", "error", "--quota-backend-bytes", "8589934592",
        ];
        var process = Process.Start(DrillTools.Start(program, directory, arguments))!;
        return new DrillServer(process, Channel(clientUrl, certificate));
    }

    /// <summary>Waits until it serves, then asks for HashKV and the number of keys (null where etcd's own users keep it from us).</summary>
    /// <exception cref="EtcdDrException"><c>DrillServerFailed</c>.</exception>
    internal async Task<(uint Hash, long Revision, long? Keys)> AskAsync(bool countKeys, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(limit);
        var maintenance = new Maintenance.MaintenanceClient(_channel);
        while (true)
        {
            try
            {
                // Served once the member has applied its log and there is a leader: HashKV alone would answer before.
                var status = await maintenance.StatusAsync(new StatusRequest(), Options(bound.Token));
                if (status.Leader != 0)
                {
                    var hash = await maintenance.HashKVAsync(new HashKVRequest(), Options(bound.Token));
                    return (hash.Hash, hash.Header.Revision, countKeys ? await CountAsync(bound.Token) : null);
                }

                await Task.Delay(Poll, bound.Token);
            }
            catch (RpcException failure) when (failure.StatusCode == StatusCode.Unavailable && !_process.HasExited && !bound.IsCancellationRequested)
            {
                await Task.Delay(Poll, bound.Token);
            }
            catch (Exception failure) when (failure is RpcException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                throw Failed(failure, limit);
            }
        }
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
    }

    private static CallOptions Options(CancellationToken cancellationToken) => new(deadline: DateTime.UtcNow + CallLimit, cancellationToken: cancellationToken);

    private static GrpcChannel Channel(string url, X509Certificate2 certificate)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                ClientCertificates = [certificate],
                RemoteCertificateValidationCallback = (_, other, _, _) => other?.GetRawCertData().AsSpan().SequenceEqual(certificate.RawData) == true,
            },
            UseProxy = false,
        };
        return GrpcChannel.ForAddress(url, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }

    private async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        var all = ByteString.CopyFrom(0);
        var answer = await new KV.KVClient(_channel).RangeAsync(new RangeRequest { Key = all, RangeEnd = all, CountOnly = true }, Options(cancellationToken));
        return answer.Count;
    }

    private EtcdDrException Failed(Exception failure, TimeSpan limit) => new(
        "DrillServerFailed",
        EtcdDrErrorCategory.InvalidOperation,
        _process.HasExited
            ? $"etcd ended with status {_process.ExitCode} on the restored data: {_output.Last}"
            : $"etcd did not serve the restored data within {limit.TotalSeconds:F0} s: {_output.Last}",
        "Check that this etcd's minor version is the one that the snapshot was taken from; try another copy of the snapshot.",
        null,
        failure);
}
