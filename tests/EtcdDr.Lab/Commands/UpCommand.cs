namespace EtcdDr.Lab.Commands;

/// <summary><c>up</c>: two clusters that stay until <c>down</c>.</summary>
internal static class UpCommand
{
    public const string DefaultName = "lab";

    public static LabCommand Command { get; } =
        new(
            "up",
            "[--nodes N] [--workers N] [--db-size 200MiB] [--etcd 3.4|3.5] [--name NAME] [--tools-on-path] [--disk /var/lib] "
                + "[--disk-size MIB] [--no-kubelet] [--no-wait]",
            "makes both clusters, leaves them running and prints the profile to use",
            RunAsync
        );

    /// <summary>The options that <c>up</c> and <c>drill</c> share.</summary>
    public static LabOptions Options(Arguments arguments) =>
        new()
        {
            ControlPlanes = arguments.Number("--nodes", 3),
            Workers = arguments.Number("--workers", 1),
            DbSize = arguments.Bytes("--db-size"),
            EtcdVersion = arguments.Text("--etcd", "3.5"),
            ToolsOnPath = arguments.Has("--tools-on-path"),
            DiskMountPoint = arguments.Has("--disk") ? arguments.Text("--disk", string.Empty) : null,
            DiskMiB = arguments.Number("--disk-size", 640),
            Kubelet = !arguments.Has("--no-kubelet"),
            WaitForApi = !arguments.Has("--no-wait"),
            Say = Console.WriteLine,
        };

    private static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = new Arguments(
            args,
            "--nodes",
            "--workers",
            "--db-size",
            "--etcd",
            "--name",
            "--tools-on-path!",
            "--disk",
            "--disk-size",
            "--no-kubelet!",
            "--no-wait!"
        );
        await using var lab = await Lab.UpAsync(
            Options(arguments) with
            {
                Name = arguments.Text("--name", DefaultName),
            },
            cancellationToken
        );
        lab.Keep();
        foreach (var cluster in lab.Clusters)
        {
            Console.WriteLine($"{cluster.Name}: https://{cluster.EndpointHost}:{cluster.EndpointPort} at {cluster.EndpointAddress}");
            foreach (var node in cluster.Nodes)
            {
                Console.WriteLine(
                    $"  {node.Name, -5} {node.Address, -15} ssh -i {lab.SshKeyFile} -o UserKnownHostsFile={lab.KnownHostsFile} "
                        + $"{lab.SshUser}@{node.Address}"
                );
            }
        }

        Console.WriteLine($"Profile: {lab.ProfilePath}");
        Console.WriteLine($"Remove it with: down{(lab.Name == DefaultName ? string.Empty : $" --name {lab.Name}")}");
        return 0;
    }
}
