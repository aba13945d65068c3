using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>The throwaway etcd of a drill on this machine: on loopback, behind TLS with the drill's own certificate. Disposing it ends
/// it.</summary>
internal sealed class DrillServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ProcessOutput _output;

    private DrillServer(Process process)
    {
        _process = process;
        _output = new ProcessOutput(process);
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
    internal static DrillServer Start(string program, DrillDirectory directory, int client, int peer)
    {
        var (crt, key) = (
            Path.Combine(directory.Path, DrillCertificate.CertificateFile),
            Path.Combine(directory.Path, DrillCertificate.KeyFile)
        );
        var (clientUrl, peerUrl) = ($"https://127.0.0.1:{client}", $"https://127.0.0.1:{peer}");
        string[] arguments =
        [
            "--name",
            "drill",
            "--data-dir",
            directory.Data,
            "--listen-client-urls",
            clientUrl,
            "--advertise-client-urls",
            clientUrl,
            "--listen-peer-urls",
            peerUrl,
            "--initial-advertise-peer-urls",
            peerUrl,
            "--initial-cluster",
            $"drill={peerUrl}",
            "--cert-file",
            crt,
            "--key-file",
            key,
            "--trusted-ca-file",
            crt,
            "--client-cert-auth",
            "--peer-cert-file",
            crt,
            "--peer-key-file",
            key,
            "--peer-trusted-ca-file",
            crt,
            "--peer-client-cert-auth",
            "--log-level",
            "error",
            "--quota-backend-bytes",
            "8589934592",
        ];
        return new DrillServer(directory.Start(program, arguments));
    }

    /// <summary>Why it has ended; null while it runs.</summary>
    internal string? Ended => _process.HasExited ? Errors.DrillServerFailed_Ended_Part.With(_process.ExitCode, _output.Last) : null;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
