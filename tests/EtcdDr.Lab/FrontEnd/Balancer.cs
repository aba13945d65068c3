using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Lab.FrontEnd;

/// <summary>A TCP load balancer in front of a cluster's apiservers, as HAProxy in tcp mode: new connections go round the healthy
/// ones.</summary>
internal sealed class Balancer
{
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(2);
    private readonly FrontEndSettings _settings;
    private readonly Backend[] _backends;
    private uint _next;

    public Balancer(FrontEndSettings settings)
    {
        _settings = settings;
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(settings.CaFile);
        _backends = [.. settings.Backends.Select(address => new Backend(address, settings.Port, settings.Host, authorities))];
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Parse(_settings.Address), _settings.Port);
        listener.Start();
        var checks = Task.WhenAll(_backends.Select(backend => backend.CheckAsync(cancellationToken)));
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(cancellationToken);
                _ = ServeAsync(client, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            await checks;
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken cancellationToken)
    {
        using (client)
        {
            try
            {
                using var server = await ConnectAsync(cancellationToken);
                if (server is not null)
                {
                    await JoinAsync(client, server, cancellationToken);
                }
            }
            catch (Exception failure)
                when (failure is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side went away; both connections end, which is all that a balancer can do.
            }
        }
    }

    private static async Task JoinAsync(TcpClient client, TcpClient server, CancellationToken cancellationToken)
    {
        client.NoDelay = server.NoDelay = true;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var there = PumpAsync(client, server, ended);
        var back = PumpAsync(server, client, ended);
        await Task.WhenAll(there, back);
    }

    private static async Task PumpAsync(TcpClient from, TcpClient to, CancellationTokenSource ended)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream(), 64 * 1024, ended.Token);
            to.Client.Shutdown(SocketShutdown.Send);
        }
        catch
        {
            await ended.CancelAsync();
            throw;
        }
    }

    private async Task<TcpClient?> ConnectAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < _backends.Length; attempt++)
        {
            var healthy = _backends.Where(backend => backend.Healthy).ToArray();
            if (healthy.Length == 0)
            {
                return null;
            }

            var backend = healthy[Interlocked.Increment(ref _next) % healthy.Length];
            if (await TryConnectAsync(backend, cancellationToken) is { } connection)
            {
                return connection;
            }

            backend.Suspect();
        }

        return null;
    }

    private static async Task<TcpClient?> TryConnectAsync(Backend backend, CancellationToken cancellationToken)
    {
        var connection = new TcpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(ConnectLimit);
        try
        {
            await connection.ConnectAsync(backend.Address, backend.Port, limit.Token);
            return connection;
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException)
        {
            // The next backend is tried; a connection cancelled from outside ends in the caller's loop.
            connection.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }
}
