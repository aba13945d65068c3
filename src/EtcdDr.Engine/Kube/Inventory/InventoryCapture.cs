using System.Text;

namespace EtcdDr.Engine.Kube.Inventory;

/// <summary>Writes a cluster's inventory: several kinds are read at once, and their records stand in the order of the kinds.</summary>
/// <param name="api">The cluster's API.</param>
/// <param name="stored">Objects that are at hand; null for none.</param>
/// <param name="write">Makes files.</param>
internal sealed class InventoryCapture(KubeApi api, IStoredObjects? stored, InventoryWriter write)
{
    // Kinds whose objects are kept as they are, in a file of that name.
    private static readonly HashSet<string> KeptWhole = new(StringComparer.Ordinal)
    {
        "nodes",
        "pods",
        "services",
        "deployments.apps",
        "statefulsets.apps",
        "daemonsets.apps",
        "jobs.batch",
        "cronjobs.batch",
        // What Test-ClusterMirror looks at when the primary is gone.
        "persistentvolumes",
        "persistentvolumeclaims",
        "storageclasses.storage.k8s.io",
        "csidrivers.storage.k8s.io",
        "priorityclasses.scheduling.k8s.io",
        "runtimeclasses.node.k8s.io",
        "ingressclasses.networking.k8s.io",
        "validatingwebhookconfigurations.admissionregistration.k8s.io",
        "mutatingwebhookconfigurations.admissionregistration.k8s.io",
    };

    private readonly object _lock = new();
    private readonly List<string> _warnings = [];
    private readonly SortedDictionary<string, int> _kinds = new(StringComparer.Ordinal);

    /// <summary>Writes it.</summary>
    /// <exception cref="EtcdDrException">The API cannot be asked at all, or goes away meanwhile.</exception>
    public async Task<InventorySummary> RunAsync(CancellationToken cancellationToken)
    {
        await write(InventoryReader.RecordsPath, stream => WriteRecordsAsync(stream, cancellationToken));
        await WriteKubeadmAsync(cancellationToken);
        return new InventorySummary(_kinds.Values.Sum(), _kinds, _warnings);
    }

    private async Task WriteRecordsAsync(Stream records, CancellationToken cancellationToken)
    {
        var (resources, warnings) = await InventoryDiscovery.ReadAsync(api, cancellationToken);
        _warnings.AddRange(warnings);
        var held = resources.Where(r => stored?.Holds(r) == true).ToList();
        await ListAsync([.. resources.Except(held)], records, cancellationToken);
        if (held.Count > 0)
        {
            await ListAsync(await TakeStoredAsync(held, records, cancellationToken), records, cancellationToken);
        }
    }

    // Those that could not be read there are left for the API.
    private async Task<IReadOnlyList<KubeResource>> TakeStoredAsync(
        IReadOnlyList<KubeResource> held,
        Stream records,
        CancellationToken cancellationToken
    )
    {
        var found = held.ToDictionary(r => r, r => new InventoryLines(r));
        var unread = await stored!.ReadAsync(
            held,
            (resource, item) => found[resource].Line(item),
            (resource, line) => found[resource].Add(line),
            cancellationToken
        );
        foreach (var lines in held.Except(unread).Select(r => found[r]))
        {
            await lines.MoveToAsync(records, cancellationToken);
            await FinishAsync(lines, cancellationToken);
        }

        return [.. held.Where(unread.Contains)];
    }

    private async Task ListAsync(IReadOnlyList<KubeResource> resources, Stream records, CancellationToken cancellationToken)
    {
        var ended = resources.Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToList();
        var options = new ParallelOptions { MaxDegreeOfParallelism = KubeDiscovery.AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(
            0,
            resources.Count,
            options,
            async (i, ct) =>
            {
                try
                {
                    await ListAsync(resources[i], new InventoryTurn(records, i == 0 ? Task.CompletedTask : ended[i - 1].Task), ct);
                }
                finally
                {
                    // After a failure the others are stopped and nothing of this stays, so out of turn is no harm.
                    ended[i].SetResult();
                }
            }
        );
    }

    private Task ListAsync(KubeResource resource, InventoryTurn turn, CancellationToken cancellationToken) =>
        KeptWhole.Contains(resource.FullName)
            ? write($"inventory/{resource.Resource}.json", stream => ListAsync(resource, turn, stream, cancellationToken))
            : ListAsync(resource, turn, null, cancellationToken);

    private async Task ListAsync(KubeResource resource, InventoryTurn turn, Stream? whole, CancellationToken cancellationToken)
    {
        var lines = new InventoryLines(resource);
        var separator = "[\n";
        await foreach (
            var (record, item) in InventoryReader.ListAsync(
                api,
                resource,
                whole is not null || lines.Table is not null,
                Warn,
                cancellationToken
            )
        )
        {
            lines.Add(record, item);
            if (whole is not null)
            {
                await whole.WriteAsync(Encoding.UTF8.GetBytes(separator + item.ToJsonString()), cancellationToken);
                separator = ",\n";
            }

            await turn.KeepSmallAsync(lines, cancellationToken);
        }

        if (whole is not null)
        {
            await whole.WriteAsync(Encoding.UTF8.GetBytes(separator == "[\n" ? "[]\n" : "\n]\n"), cancellationToken);
        }

        await turn.WriteAsync(lines, cancellationToken);
        await FinishAsync(lines, cancellationToken);
    }

    private void Warn(string warning)
    {
        lock (_lock)
        {
            _warnings.Add(warning);
        }
    }

    // Counts a kind, and writes its table.
    private async Task FinishAsync(InventoryLines lines, CancellationToken cancellationToken)
    {
        if (lines.Count > 0)
        {
            lock (_lock)
            {
                _kinds[lines.Resource.FullKind] = _kinds.GetValueOrDefault(lines.Resource.FullKind) + lines.Count;
            }
        }

        if (lines.Table is { } table)
        {
            await write(
                $"inventory/{lines.Resource.Resource}.txt",
                stream => stream.WriteAsync(Encoding.UTF8.GetBytes(table.Render()), cancellationToken).AsTask()
            );
        }
    }

    private async Task WriteKubeadmAsync(CancellationToken cancellationToken)
    {
        if (await ClusterFacts.KubeadmAsync(api, cancellationToken) is { } configuration)
        {
            await write(
                "inventory/kubeadm-config.yaml",
                stream => stream.WriteAsync(Encoding.UTF8.GetBytes(configuration), cancellationToken).AsTask()
            );
        }
    }
}
