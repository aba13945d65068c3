using System.Net;
using EtcdDr.Engine.Kube;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EtcdDr.Tests.Kube;

/// <summary>An API server of a test: TLS on a loopback port, answers by a delegate, and a kubeconfig that names it by another
/// name.</summary>
internal sealed class TestKubeServer : IAsyncDisposable
{
    public const string ServerName = "k8slbr.example.test";

    /// <summary>Limits that let tests run in milliseconds.</summary>
    public static readonly KubeApiSettings Quick = new()
    {
        RetryDelay = TimeSpan.FromMilliseconds(1),
        LongestRetryAfter = TimeSpan.FromMilliseconds(1),
        ProbeTimeout = TimeSpan.FromSeconds(2),
    };

    private readonly WebApplication _application;
    private readonly string _directory = Directory.CreateTempSubdirectory("etcddr-kube-").FullName;

    private TestKubeServer(WebApplication application, TestCertificates certificates)
    {
        _application = application;
        Certificates = certificates;
        Port = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    public TestCertificates Certificates { get; }

    public int Port { get; }

    public List<string> Requests { get; } = [];

    public static async Task<TestKubeServer> StartAsync(RequestDelegate answer, params string[] names)
    {
        var certificates = new TestCertificates();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
            kestrel.Listen(
                IPAddress.Loopback,
                0,
                listen =>
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificate = certificates.Server(names.Length > 0 ? names : [ServerName]);
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.ClientCertificateValidation = (_, _, _) => true;
                    })
            )
        );
        var application = builder.Build();
        TestKubeServer? server = null;
        application.Run(context =>
        {
            lock (server!.Requests)
            {
                server.Requests.Add($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString}");
            }

            return answer(context);
        });
        await application.StartAsync();
        server = new TestKubeServer(application, certificates);
        return server;
    }

    /// <summary>A cluster whose kubeconfig names this server by <see cref="ServerName"/> and whose address leads to the port.</summary>
    public EtcdCluster Cluster(string user = "token: secret-token", string? authorityPem = null, string cluster = "", string? server = null)
    {
        var path = Path.Combine(_directory, $"{Guid.NewGuid():N}.conf");
        var authority = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(authorityPem ?? Certificates.AuthorityPem));
        File.WriteAllText(
            path,
            $$"""
            apiVersion: v1
            kind: Config
            current-context: admin@test
            clusters:
            - name: test
              cluster: {server: "{{server ?? $"https://{ServerName}:6443"}}", certificate-authority-data: {{authority}}{{cluster}}}
            contexts:
            - name: admin@test
              context: {cluster: test, user: admin}
            users:
            - name: admin
              user: {{{user}}}
            """
        );
        return new EtcdCluster
        {
            Name = "test",
            Kubeconfig = path,
            Context = "admin@test",
            Server = new Uri($"https://{ServerName}:6443"),
            ServerAddress = $"127.0.0.1:{Port}",
        };
    }

    public string WriteFile(string name, string text)
    {
        var path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }

    public static async Task WriteJsonAsync(HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(json);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        Certificates.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
