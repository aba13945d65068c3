using System.Net;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Controllers;

/// <summary>
/// Leader election by a Lease, as client-go does it: 15 s lease, renewed each 2 s, given up after 10 s. Whether another's lease is over is
/// judged by the local time since it was last seen to change, so a lease that came with a snapshot holds for 15 s more.
/// </summary>
internal sealed class LeaderElection(ApiClient api, string name)
{
    private const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases";
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(2);
    private readonly string identity = $"{Environment.MachineName}_{Guid.NewGuid()}";
    private string? observed;
    private DateTimeOffset observedAt;

    /// <summary>Waits to lead, runs <paramref name="lead"/> with a token that ends with the leadership, and returns then.</summary>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        while (!await TryAsync(cancellationToken))
            await Task.Delay(Retry * (1 + Random.Shared.NextDouble() * 0.2), cancellationToken);
        ComponentProcess.Log($"Successfully acquired lease kube-system/{name}");
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var work = lead(leading.Token);
        await HoldAsync(work, cancellationToken);
        await leading.CancelAsync();
        await work;
    }

    private async Task HoldAsync(Task work, CancellationToken cancellationToken)
    {
        var renewed = DateTimeOffset.UtcNow;
        while (!work.IsCompleted && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Retry, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (await TryAsync(cancellationToken))
                renewed = DateTimeOffset.UtcNow;
            if (DateTimeOffset.UtcNow - renewed <= RenewDeadline)
                continue;
            ComponentProcess.Log($"Leaderelection lost: kube-system/{name} was not renewed for {RenewDeadline.TotalSeconds} s");
            return;
        }
    }

    private async Task<bool> TryAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await AcquireAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or IOException or ApiException)
        {
            ComponentProcess.Log($"Error retrieving or updating lease kube-system/{name}: {exception.Message}");
            return false;
        }
    }

    private async Task<bool> AcquireAsync(CancellationToken cancellationToken)
    {
        var lease = await api.GetAsync($"{Leases}/{name}", cancellationToken);
        var now = DateTimeOffset.UtcNow;
        if (lease is null)
        {
            await api.CreateAsync(
                Leases,
                new JsonObject
                {
                    ["metadata"] = new JsonObject { ["name"] = name },
                    ["spec"] = Spec(now, now, 0),
                },
                cancellationToken
            );
            return true;
        }

        var holder = lease.Text("spec", "holderIdentity");
        var seen = lease.At("spec")?.ToJsonString();
        if (seen != observed)
            (observed, observedAt) = (seen, now);
        if (holder != identity && !string.IsNullOrEmpty(holder) && now - observedAt < Duration)
            return false;
        var since = holder == identity ? Json.ParseTime(lease.Text("spec", "acquireTime")) ?? now : now;
        lease["spec"] = Spec(now, since, (lease.Number("spec", "leaseTransitions") ?? 0) + (holder == identity ? 0 : 1));
        try
        {
            await api.ReplaceAsync($"{Leases}/{name}", lease, cancellationToken);
        }
        catch (ApiException exception) when (exception.Code == HttpStatusCode.Conflict)
        {
            return false;
        }

        return true;
    }

    private JsonObject Spec(DateTimeOffset now, DateTimeOffset since, long transitions) =>
        new()
        {
            ["holderIdentity"] = identity,
            ["leaseDurationSeconds"] = (int)Duration.TotalSeconds,
            ["acquireTime"] = Json.MicroTime(since),
            ["renewTime"] = Json.MicroTime(now),
            ["leaseTransitions"] = transitions,
        };
}
