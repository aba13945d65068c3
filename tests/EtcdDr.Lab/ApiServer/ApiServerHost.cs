using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EtcdDr.Lab.ApiServer;

/// <summary>The played kube-apiserver: TLS, who asks, health, discovery; the rest is <see cref="ApiHandler"/>'s.</summary>
internal sealed class ApiServerHost : IDisposable
{
    private readonly ApiServerFlags flags;
    private readonly EtcdStore store;
    private readonly Authentication authentication;
    private readonly ApiHandler handler;
    private readonly EndpointKeeper keeper;
    private readonly Rbac rbac;
    private readonly Abac? abac;
    private readonly OrderedFaults faults;
    private readonly CancellationTokenSource stopping = new();
    private readonly string version;
    private readonly TimeSpan drain;
    private volatile bool shuttingDown;

    public ApiServerHost(ApiServerFlags flags, string version, TimeSpan drain, string? faultsFile = null)
    {
        this.flags = flags;
        this.version = version;
        this.drain = drain;
        var root = (flags["etcd-prefix"] ?? "/registry").TrimEnd('/');
        var encryption = flags["encryption-provider-config"] is { } file ? Encryption.Read(file) : Encryption.None;
        var servers = flags.All("etcd-servers");
        if (servers.Count == 0)
            throw new InvalidDataException("Error: --etcd-servers must be specified");
        store = new EtcdStore(new Uri(servers[0]), flags["etcd-cafile"], flags["etcd-certfile"], flags["etcd-keyfile"], encryption);
        authentication = new Authentication(flags, store, root);
        rbac = new Rbac(store, root);
        abac = Abac.Read(flags);
        faults = new OrderedFaults(faultsFile ?? OrderedFaults.UsualFile);
        handler = new ApiHandler(store, root, flags, authentication, new WebhookAdmission(store, root), faults, stopping.Token);
        Port = int.Parse(flags["secure-port"] ?? "6443");
        keeper = new EndpointKeeper(
            store,
            root,
            flags["advertise-address"] ?? "127.0.0.1",
            Port,
            flags.All("service-cluster-ip-range") is [var range, ..] ? range : "10.96.0.0/12",
            leases: flags["endpoint-reconciler-type"] != "none"
        );
    }

    public int Port { get; private set; }

    public void Dispose()
    {
        stopping.Dispose();
        authentication.Dispose();
        store.Dispose();
    }

    /// <summary>Serves until cancelled. False: etcd did not answer in time, as when the real one ends with an error and the kubelet backs
    /// off.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellationToken, Action<int>? listening = null)
    {
        if (!await WaitForEtcdAsync(cancellationToken))
            return false;
        await using var app = Build();
        await app.StartAsync(cancellationToken);
        listening?.Invoke(Port);
        ComponentProcess.Log($"Serving securely on [::]:{Port}");
        var keeping = keeper.RunAsync(cancellationToken);
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await keeping;
        await StopAsync(app);
        return true;
    }

    private async Task StopAsync(WebApplication app)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(3));
        try
        {
            await keeper.LeaveAsync(limit.Token);
        }
        catch (Exception exception) when (exception is StatusException or OperationCanceledException)
        {
            ComponentProcess.Log($"The master lease stays until it ends: {exception.Message}");
        }

        // The real one waits for its clients' watches until the kubelet kills it (31 s seen, DESIGN section 7).
        using var patience = new CancellationTokenSource(drain);
        shuttingDown = true;
        await using var last = patience.Token.Register(stopping.Cancel);
        await app.StopAsync(CancellationToken.None);
    }

    private async Task<bool> WaitForEtcdAsync(CancellationToken cancellationToken)
    {
        var deadline = DateTimeOffset.UtcNow + TimeSpan.FromSeconds(20);
        while (true)
        {
            try
            {
                await store.CheckAsync(TimeSpan.FromSeconds(3), cancellationToken);
                return true;
            }
            catch (Grpc.Core.RpcException exception)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (DateTimeOffset.UtcNow < deadline)
                {
                    await Task.Delay(300, cancellationToken);
                    continue;
                }

                ComponentProcess.Log($"Error: context deadline exceeded (etcd: {exception.Status.Detail})");
                return false;
            }
        }
    }

    private WebApplication Build()
    {
        var pair = new ServingPair(flags.Required("tls-cert-file"), flags.Required("tls-private-key-file"));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "EtcdDr.Lab" });
        builder.Services.AddRoutingCore();
        builder
            .WebHost.UseKestrelCore()
            .UseKestrelHttpsConfiguration()
            .ConfigureKestrel(kestrel =>
            {
                kestrel.AddServerHeader = false;
                kestrel.Limits.MaxRequestBodySize = 3 * 1024 * 1024;
                kestrel.Listen(
                    IPAddress.Parse(flags["bind-address"] ?? "0.0.0.0"),
                    Port,
                    listen =>
                        listen.UseHttps(
                            new HttpsConnectionAdapterOptions
                            {
                                ServerCertificateSelector = (_, _) => pair.Current(),
                                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                                // Judged by Authentication, which answers 401 instead of breaking the handshake.
                                ClientCertificateValidation = (_, _, _) => true,
                            }
                        )
                );
            });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(60));
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        var app = builder.Build();
        app.Run(AnswerAsync);
        return app;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            await RouteAsync(context);
        }
        catch (StatusException exception)
        {
            await FailAsync(context, exception);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more.
        }
        catch (Exception exception)
            when (exception is InvalidOperationException or FormatException or ArgumentException or IOException or Grpc.Core.RpcException)
        {
            ComponentProcess.Log($"{context.Request.Method} {context.Request.Path}: {exception}");
            await FailAsync(context, new StatusException(500, "InternalError", $"Internal error occurred: {exception.Message}"));
        }
    }

    private static async Task FailAsync(HttpContext context, StatusException exception)
    {
        if (context.Response.HasStarted)
            return;
        if (exception.Code is 429 or 504)
            context.Response.Headers.RetryAfter = "1";
        await ApiHandler.WriteAsync(context, exception.Code, exception.ToStatus());
    }

    private async Task RouteAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (
            path is "/readyz" or "/livez" or "/healthz"
            || path.StartsWith("/readyz/", StringComparison.Ordinal)
            || path.StartsWith("/livez/", StringComparison.Ordinal)
        )
        {
            if (!AllowsAnonymous)
                await AuthenticateAsync(context);
            await HealthAsync(context, path.TrimStart('/'));
            return;
        }

        var user = await AuthenticateAsync(context);
        context.Items[typeof(User)] = user;
        if (await faults.StrikeAsync(context, user))
            return;
        if (path == "/version")
        {
            await ApiHandler.WriteAsync(context, 200, Version());
            return;
        }

        await AuthorizeAsync(context, user, path);
        if (
            context.Request.Method == "POST"
            && path.StartsWith("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", StringComparison.Ordinal)
        )
        {
            await ReviewAsync(context, user);
            return;
        }

        if (RequestInfo.Parse(path) is { } request)
        {
            await handler.HandleAsync(context, request);
            return;
        }

        var all = path.StartsWith("/apis", StringComparison.Ordinal)
            ? [.. Resources.BuiltIn, .. await handler.CustomAsync(context.RequestAborted)]
            : Resources.BuiltIn;
        await ApiHandler.WriteAsync(context, 200, Discovery.Answer(path, all) ?? throw StatusException.NoPath());
    }

    private bool AllowsAnonymous => flags["anonymous-auth"] != "false";

    private async Task<User> AuthenticateAsync(HttpContext context)
    {
        var user = await authentication.AuthenticateAsync(context);
        return AllowsAnonymous || user.Groups.Contains("system:authenticated") ? user : throw StatusException.Unauthorized();
    }

    private async Task AuthorizeAsync(HttpContext context, User user, string path)
    {
        if (abac is not null)
        {
            var asked = Access.Of(context.Request, path);
            if (!abac.Allows(user, asked))
                throw asked.Refuse(user);
            return;
        }

        if (user.MayAll)
            return;
        if (context.Request.Method == "GET" && path == "/api/v1/namespaces/kube-public/configmaps/cluster-info")
            return;
        // system:discovery and system:basic-user, which everybody has who is somebody.
        if (
            user.Groups.Contains("system:authenticated")
            && (
                path is "/api" or "/apis"
                || path.StartsWith("/apis/authorization.k8s.io/v1/selfsubject", StringComparison.Ordinal)
                || Discovery.Answer(path, Resources.BuiltIn) is not null
            )
        )
            return;
        var access = Access.Of(context.Request, path);
        if (!await rbac.AllowsAsync(user, access, context.RequestAborted))
            throw access.Refuse(user);
    }

    private async Task ReviewAsync(HttpContext context, User user)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject ?? [];
        var asked = body.At("spec", "resourceAttributes");
        var other = body.At("spec", "nonResourceAttributes");
        var subresource = asked.Text("subresource") is { Length: > 0 } sub ? sub : null;
        var plural = asked.Text("resource") ?? "";
        var access = new Access(
            (asked ?? other).Text("verb") ?? "",
            asked.Text("group") ?? "",
            subresource is null ? plural : $"{plural}/{subresource}",
            subresource,
            asked.Text("namespace") is { Length: > 0 } ns ? ns : null,
            asked.Text("name") is { Length: > 0 } name ? name : null,
            other.Text("path")
        );
        body["kind"] = "SelfSubjectAccessReview";
        body["apiVersion"] = "authorization.k8s.io/v1";
        body["status"] = new JsonObject { ["allowed"] = user.MayAll || await rbac.AllowsAsync(user, access, context.RequestAborted) };
        await ApiHandler.WriteAsync(context, 201, body);
    }

    private async Task HealthAsync(HttpContext context, string check)
    {
        var failed = "";
        try
        {
            await store.CheckAsync(TimeSpan.FromSeconds(2), context.RequestAborted);
        }
        catch (Grpc.Core.RpcException)
        {
            failed = "[-]etcd failed: reason withheld\n";
        }

        if (shuttingDown && check == "readyz")
            failed += "[-]shutdown failed: reason withheld\n";
        context.Response.StatusCode = failed.Length == 0 ? 200 : 500;
        context.Response.ContentType = "text/plain; charset=utf-8";
        var verbose = context.Request.Query.ContainsKey("verbose");
        var body =
            failed.Length > 0 ? $"[+]ping ok\n[+]log ok\n{failed}{check} check failed\n"
            : verbose ? $"[+]ping ok\n[+]log ok\n[+]etcd ok\n{check} check passed\n"
            : "ok";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body), context.RequestAborted);
    }

    private JsonObject Version()
    {
        var parts = version.TrimStart('v').Split('.');
        return new JsonObject
        {
            ["major"] = parts[0],
            ["minor"] = parts.Length > 1 ? parts[1] : "0",
            ["gitVersion"] = version,
            ["gitCommit"] = "",
            ["gitTreeState"] = "clean",
            ["buildDate"] = "2026-01-01T00:00:00Z",
            ["goVersion"] = "go1.25",
            ["compiler"] = "gc",
            ["platform"] = "linux/amd64",
        };
    }
}
