using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Lab.FrontEnd;

/// <summary>An apiserver behind the front end, asked for /readyz over TLS twice a second.</summary>
internal sealed class Backend : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);
    private readonly HttpClient _client;
    private readonly Uri _readyz;
    private volatile bool _healthy;

    public Backend(string address, int port, string host, X509Certificate2Collection authorities)
    {
        Address = address;
        Port = port;
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromSeconds(30),
            SslOptions = new SslClientAuthenticationOptions { TargetHost = host, CertificateChainPolicy = policy },
        };
        _client = new HttpClient(handler) { Timeout = Limit };
        _readyz = new UriBuilder("https", address, port, "/readyz").Uri;
    }

    public string Address { get; }

    public int Port { get; }

    /// <summary>Whether the last check found it ready.</summary>
    public bool Healthy => _healthy;

    /// <summary>A connection to it failed: not used until the next check finds it ready.</summary>
    public void Suspect() => _healthy = false;

    /// <summary>Checks until cancelled.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            _healthy = await ReadyAsync(cancellationToken);
            await Task.Delay(Interval, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<bool> ReadyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(_readyz, cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            // Not answering is what the check is there to find out.
            return false;
        }
    }
}
