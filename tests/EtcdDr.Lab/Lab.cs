using EtcdDr.Lab.Nodes;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab;

/// <summary>Two small clusters on this machine. All that it makes lies below one directory and ends with
/// <see cref="DisposeAsync"/>.</summary>
public sealed class Lab : IAsyncDisposable
{
    /// <summary>Environment variable that marks every process of a lab with the lab's directory.</summary>
    internal const string Marker = "ETCDDR_LAB";

    private const string Prefix = "etcddr-lab-";
    private bool _keep;

    private Lab(string directory, LabState state)
    {
        DirectoryPath = directory;
        Name = state.Name;
        EtcdVersion = state.EtcdVersion;
        var environment = new NodeEnvironment(
            directory,
            Path.Combine(directory, "app", "node-boot", "boot.sh"),
            Path.Combine(directory, "app"),
            LabProgram.DotnetDirectory,
            Path.Combine(directory, "images")
        );
        Clusters = [.. state.Sites.Select(site => new LabCluster(directory, site, environment))];
    }

    /// <summary>The lab's name.</summary>
    public string Name { get; }

    /// <summary>The directory below which everything of the lab lies.</summary>
    public string DirectoryPath { get; }

    /// <summary>The profile (etcddr.yaml) that names both clusters.</summary>
    public string ProfilePath => Path.Combine(DirectoryPath, "etcddr.yaml");

    /// <summary>Private key of the nodes' user.</summary>
    public string SshKeyFile => Path.Combine(DirectoryPath, "id_ed25519");

    /// <summary>known_hosts with the host keys of all nodes.</summary>
    public string KnownHostsFile => Path.Combine(DirectoryPath, "known_hosts");

    /// <summary>The user that SSH logs in as.</summary>
    public string SshUser => SystemFiles.User;

    /// <summary>Full version of etcd.</summary>
    public string EtcdVersion { get; }

    /// <summary>Both clusters, the primary first.</summary>
    public IReadOnlyList<LabCluster> Clusters { get; }

    /// <summary>The cluster that is copied from.</summary>
    public LabCluster Primary => Clusters[0];

    /// <summary>The cluster that is restored into.</summary>
    /// <exception cref="LabException">The lab was made without one.</exception>
    public LabCluster Secondary => Clusters.Count > 1 ? Clusters[1] : throw new LabException($"Lab {Name} has no secondary.");

    /// <summary>Makes a lab and waits until both clusters are ready. What was made is removed again when it fails.</summary>
    /// <exception cref="LabException">This machine cannot run it, or a part did not come up.</exception>
    public static async Task<Lab> UpAsync(LabOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var name = options.Name.Length > 0 ? options.Name : $"{Environment.ProcessId:x}-{Guid.NewGuid().ToString("n")[..6]}";
        var directory = DirectoryOf(name);
        if (Directory.Exists(directory))
        {
            throw new LabException($"There is a lab '{name}' already ({directory}); remove it with: down --name {name}");
        }

        try
        {
            var state = await new LabBuilder(options with { Name = name }, directory).BuildAsync(cancellationToken);
            return new Lab(directory, state);
        }
        catch
        {
            await LabTeardown.RunAsync(directory, CancellationToken.None);
            throw;
        }
    }

    /// <summary>A lab that <c>up</c> left running. Disposing it leaves it running.</summary>
    /// <exception cref="LabException">There is none of that name.</exception>
    public static Lab Open(string name)
    {
        var directory = DirectoryOf(name);
        return LabState.Exists(directory)
            ? new Lab(directory, LabState.Read(directory)) { _keep = true }
            : throw new LabException($"There is no lab '{name}'. Labs: {string.Join(", ", Names())}.");
    }

    /// <summary>The labs of this machine, also those that a crash left.</summary>
    public static IReadOnlyList<string> Names() =>
        [
            .. Directory
                .EnumerateDirectories(Path.GetTempPath(), Prefix + "*")
                .Select(d => Path.GetFileName(d)[Prefix.Length..])
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Removes a lab and all that it made; also what a crash left. Nothing there is no error.</summary>
    public static Task DownAsync(string name, CancellationToken cancellationToken = default) =>
        LabTeardown.RunAsync(DirectoryOf(name), cancellationToken);

    /// <summary>Leaves the lab running when it is disposed; <see cref="DownAsync"/> removes it.</summary>
    public void Keep() => _keep = true;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_keep)
        {
            _keep = true;
            await LabTeardown.RunAsync(DirectoryPath, CancellationToken.None);
        }
    }

    internal static string DirectoryOf(string name) => Path.Combine(Path.GetTempPath(), Prefix + name);
}
