using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EtcdDr.Lab.ApiServer;
using EtcdDr.Lab.Etcd;
using EtcdDr.Lab.Played;

namespace EtcdDr.Tests.Played;

#pragma warning disable CA1001 // xunit calls DisposeAsync of IAsyncLifetime.
/// <summary>The played apiserver on a real etcd 3.4, with certificates of its own, for as long as a class of tests runs.</summary>
public sealed class ApiServerFixture : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-api-").FullName;
    private readonly CancellationTokenSource _stop = new();
    private LoneEtcd? _etcd;
    private ApiServerHost? _host;
    private Task? _running;
    private int _port;

    internal ApiClient Admin { get; private set; } = null!;

    internal ApiClient Stranger { get; private set; } = null!;

    internal LoneEtcd Etcd => _etcd!;

    /// <summary>Where faults are ordered.</summary>
    internal string FaultsFile => PathOf("faults.json");

    /// <summary>A client that shows whole answers. It bears a token, or the certificate of a user.</summary>
    internal HttpClient Client(string? token, string? user)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.CertificateChainPolicy = EtcdDr.Lab.Played.Trust.Policy(EtcdDr.Lab.Played.Trust.Load(PathOf("ca.crt")));
        if (user is not null)
        {
            using var pem = X509Certificate2.CreateFromPemFile(PathOf(user + ".crt"), PathOf(user + ".key"));
            handler.SslOptions.ClientCertificates = [X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null)];
        }

        var client = new HttpClient(handler) { BaseAddress = new Uri($"https://127.0.0.1:{_port}") };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new("Bearer", token);
        return client;
    }

    public async Task InitializeAsync()
    {
        _etcd = await LoneEtcd.StartAsync("3.4");
        var port = _port = FreePort();
        using var authority = RSA.Create(2048);
        var request = new CertificateRequest("CN=kubernetes", authority, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        await File.WriteAllTextAsync(PathOf("ca.crt"), root.ExportCertificatePem());
        Issue(root, "apiserver", "CN=kube-apiserver");
        Issue(root, "admin", "O=system:masters, CN=kubernetes-admin");
        Issue(root, "jane", "CN=jane");
        using var tokens = RSA.Create(2048);
        await File.WriteAllTextAsync(PathOf("sa.key"), tokens.ExportRSAPrivateKeyPem());
        await File.WriteAllTextAsync(PathOf("sa.pub"), tokens.ExportSubjectPublicKeyInfoPem());
        _host = new ApiServerHost(
            new ApiServerFlags([
                $"--etcd-servers={_etcd.Endpoint}",
                $"--secure-port={port}",
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--service-cluster-ip-range=10.96.0.0/16",
                $"--client-ca-file={PathOf("ca.crt")}",
                $"--tls-cert-file={PathOf("apiserver.crt")}",
                $"--tls-private-key-file={PathOf("apiserver.key")}",
                $"--service-account-key-file={PathOf("sa.pub")}",
                $"--service-account-signing-key-file={PathOf("sa.key")}",
                "--service-account-issuer=https://issuer.example",
            ]),
            "v1.36.0",
            TimeSpan.FromSeconds(1),
            FaultsFile
        );
        var listening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _running = _host.RunAsync(_stop.Token, _ => listening.TrySetResult());
        await Task.WhenAny(listening.Task, _running).Unwrap();
        Admin = Client("admin", port);
        Stranger = Client("jane", port);
        while (await Admin.GetAsync("/api/v1/namespaces/kube-node-lease", CancellationToken.None) is null)
            await Task.Delay(50);
    }

    public async Task DisposeAsync()
    {
        Admin?.Dispose();
        Stranger?.Dispose();
        await _stop.CancelAsync();
        if (_running is not null)
            await _running;
        _host?.Dispose();
        if (_etcd is not null)
            await _etcd.DisposeAsync();
        _stop.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private ApiClient Client(string user, int port)
    {
        var kubeconfig = PathOf(user + ".conf");
        File.WriteAllText(
            kubeconfig,
            $$$"""
            apiVersion: v1
            kind: Config
            current-context: c
            clusters: [{name: c, cluster: {server: "https://127.0.0.1:{{{port}}}", certificate-authority: ca.crt}}]
            users: [{name: u, user: {client-certificate: {{{user}}}.crt, client-key: {{{user}}}.key}}]
            contexts: [{name: c, context: {cluster: c, user: u}}]
            """
        );
        return ApiClient.FromKubeconfig(kubeconfig);
    }

    private void Issue(X509Certificate2 root, string name, string subject)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(
            root,
            DateTimeOffset.UtcNow.AddHours(-1),
            DateTimeOffset.UtcNow.AddDays(1),
            RandomNumberGenerator.GetBytes(8)
        );
        File.WriteAllText(PathOf(name + ".crt"), certificate.ExportCertificatePem(), Encoding.ASCII);
        File.WriteAllText(PathOf(name + ".key"), key.ExportPkcs8PrivateKeyPem(), Encoding.ASCII);
    }

    private string PathOf(string name) => Path.Combine(_directory, name);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
