using System.Net.Security;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>The probes of one running container: startup first, then liveness and readiness.</summary>
internal sealed class Prober : IDisposable
{
    private static readonly HttpClient Http = CreateClient();
    private readonly CancellationTokenSource stop = new();
    private readonly JsonObject container;
    private readonly string hostAddress;
    private readonly Action changed;
    private bool started;
    private bool ready;
    private bool failed;

    public Prober(JsonObject container, string hostAddress, Action changed)
    {
        (this.container, this.hostAddress, this.changed) = (container, hostAddress, changed);
        started = container.At("startupProbe") is null;
        ready = started && container.At("readinessProbe") is null;
        _ = RunAsync(stop.Token);
    }

    public bool Started => Volatile.Read(ref started);

    public bool Ready => Volatile.Read(ref ready);

    /// <summary>A startup or liveness probe failed as often as it may: the container is to be killed.</summary>
    public bool Failed => Volatile.Read(ref failed);

    public void Dispose()
    {
        stop.Cancel();
        stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (container.At("startupProbe") is JsonObject startup)
            {
                if (!await UntilAsync(startup, wanted: true, cancellationToken))
                {
                    Set(ref failed, true);
                    return;
                }
                Set(ref started, true);
            }

            if (container.At("readinessProbe") is null)
                Set(ref ready, true);
            var readiness = container.At("readinessProbe") is JsonObject read
                ? FollowReadinessAsync(read, cancellationToken)
                : Task.CompletedTask;
            if (container.At("livenessProbe") is JsonObject liveness)
            {
                await UntilAsync(liveness, wanted: false, cancellationToken);
                Set(ref failed, true);
            }

            await readiness;
        }
        catch (OperationCanceledException)
        {
            // The container ended, or the kubelet does.
        }
    }

    private void Set(ref bool field, bool value)
    {
        if (field == value)
            return;
        Volatile.Write(ref field, value);
        changed();
    }

    /// <summary>Probes until the outcome is <paramref name="wanted"/>: success once, or failure as often as the threshold says. False: a
    /// startup probe used up its failures.</summary>
    private async Task<bool> UntilAsync(JsonObject probe, bool wanted, CancellationToken cancellationToken)
    {
        var threshold = probe.Number("failureThreshold") ?? 3;
        await Task.Delay(TimeSpan.FromSeconds(probe.Number("initialDelaySeconds") ?? 0), cancellationToken);
        var failures = 0;
        while (true)
        {
            var good = await ProbeAsync(probe, cancellationToken);
            failures = good ? 0 : failures + 1;
            if (good && wanted)
                return true;
            if (failures >= threshold)
                return false;
            var period = TimeSpan.FromSeconds(probe.Number("periodSeconds") ?? 10);
            await Task.Delay(period, cancellationToken);
        }
    }

    private async Task FollowReadinessAsync(JsonObject probe, CancellationToken cancellationToken)
    {
        var threshold = probe.Number("failureThreshold") ?? 3;
        await Task.Delay(TimeSpan.FromSeconds(probe.Number("initialDelaySeconds") ?? 0), cancellationToken);
        var failures = 0;
        while (true)
        {
            var good = await ProbeAsync(probe, cancellationToken);
            failures = good ? 0 : failures + 1;
            if (good)
                Set(ref ready, true);
            else if (failures >= threshold)
                Set(ref ready, false);
            await Task.Delay(TimeSpan.FromSeconds(probe.Number("periodSeconds") ?? 10), cancellationToken);
        }
    }

    private async Task<bool> ProbeAsync(JsonObject probe, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(probe.Number("timeoutSeconds") ?? 1));
        try
        {
            if (probe.At("httpGet") is JsonObject get)
                return await GetAsync(get, limit.Token);
            if (probe.At("tcpSocket") is JsonObject socket)
            {
                using var client = new TcpClient();
                await client.ConnectAsync(socket.Text("host") ?? hostAddress, (int)(socket.Number("port") ?? 0), limit.Token);
            }

            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    private async Task<bool> GetAsync(JsonObject get, CancellationToken cancellationToken)
    {
        var scheme = (get.Text("scheme") ?? "HTTP").ToLowerInvariant();
        var address = $"{scheme}://{get.Text("host") ?? hostAddress}:{Port(get)}{get.Text("path") ?? "/"}";
        using var response = await Http.GetAsync(new Uri(address), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return (int)response.StatusCode is >= 200 and < 400;
    }

    /// <summary>A port by number, or by the name that the container gives it.</summary>
    private long Port(JsonObject get) =>
        get.Number("port") ?? container.Items("ports").FirstOrDefault(p => p.PartName() == get.Text("port")).Number("containerPort") ?? 80;

    private static HttpClient CreateClient() =>
        new(
            new SocketsHttpHandler
            {
                UseProxy = false,
                AllowAutoRedirect = false,
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
#pragma warning disable CA5359 // The kubelet does not check the certificate of what it probes.
                SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
            }
        );
}
