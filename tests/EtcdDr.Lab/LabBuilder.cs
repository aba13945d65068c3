using System.Globalization;
using System.Text.Json;
using EtcdDr.Lab.FrontEnd;
using EtcdDr.Lab.Kubeadm;
using EtcdDr.Lab.Network;
using EtcdDr.Lab.Nodes;
using EtcdDr.Lab.Packages;
using EtcdDr.Lab.Seed;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab;

/// <summary>Makes a lab, step by step.</summary>
internal sealed class LabBuilder
{
    private static readonly string[] SiteNames = ["primary", "secondary"];
    private static readonly TimeSpan ApiLimit = TimeSpan.FromMinutes(3);

    // etcd's limits: what it takes by default, and the most that its makers advise.
    private const long DefaultQuota = 2L << 30;
    private const long LargestQuota = 8L << 30;
    private readonly LabOptions _options;
    private readonly string _directory;

    public LabBuilder(LabOptions options, string directory)
    {
        _options = options;
        _directory = directory;
    }

    public async Task<LabState> BuildAsync(CancellationToken cancellationToken)
    {
        await LabPackages.EnsureAsync(_options.Say, cancellationToken);
        var programs = await EtcdPackages.GetAsync(_options.EtcdVersion, _options.Say, cancellationToken);
        var version = await EtcdPackages.FullVersionAsync(programs, cancellationToken);
        var seeds = await SeedsAsync(programs, cancellationToken);

        CreateDirectory();
        var sites = _options.Secondary ? SiteNames : SiteNames[..1];
        _options.Say(
            $"Making {string.Join(" and ", sites)}: {_options.ControlPlanes} control-plane nodes and {_options.Workers} workers "
                + $"each, etcd {version} ..."
        );
        var networks = await LabNetwork.CreateAsync(sites.Length, _directory, cancellationToken);
        var layouts = sites.Select((site, i) => Layout(site, networks[i].Subnet, version)).ToArray();
        var state = new LabState
        {
            Name = _options.Name,
            EtcdVersion = version,
            Bridges = [.. networks.Select(network => network.Bridge)],
            Sites = [.. layouts.Select((layout, i) => Site(layout, networks[i].Bridge))],
        };
        state.Write(_directory);
        await CopyProgramAsync(cancellationToken);
        await ImageStore.CreateAsync(_directory, layouts[0], programs, cancellationToken);
        await PrepareAsync(layouts, state, seeds, cancellationToken);
        await StartAsync(layouts, state, cancellationToken);
        return state;
    }

    /// <summary>A seed per site: only the primary's is filled.</summary>
    private async Task<string[]> SeedsAsync(string programs, CancellationToken cancellationToken) =>
        [
            await EtcdSeed.GetAsync(programs, _options.DbSize, _options.Say, cancellationToken),
            await EtcdSeed.GetAsync(programs, 0, _options.Say, cancellationToken),
        ];

    private void CreateDirectory() =>
        Directory.CreateDirectory(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private ClusterLayout Layout(string site, string subnet, string etcdVersion)
    {
        var layout = new ClusterLayout
        {
            Site = site,
            Subnet = subnet,
            EtcdVersion = etcdVersion,
            ControlPlanes =
            [
                .. Enumerable.Range(1, _options.ControlPlanes).Select(n => (Numbered("cp", n), Numbered($"{subnet}.", 10 + n))),
            ],
            EtcdQuota = _options.DbSize > DefaultQuota / 2 ? LargestQuota : null,
            Workers = [.. Enumerable.Range(1, _options.Workers).Select(n => (Numbered("w", n), Numbered($"{subnet}.", 100 + n)))],
        };
        return _options.Layout?.Invoke(layout) ?? layout;
    }

    private LabState.SiteState Site(ClusterLayout layout, string bridge) =>
        new()
        {
            Name = layout.Site,
            Subnet = layout.Subnet,
            EndpointHost = layout.EndpointHost,
            EndpointPort = layout.EndpointPort,
            Nodes =
            [
                .. layout.ControlPlanes.Select(node => Node(layout, bridge, node, controlPlane: true)),
                .. layout.Workers.Select(node => Node(layout, bridge, node, controlPlane: false)),
            ],
        };

    private NodeSpecification Node(ClusterLayout layout, string bridge, (string Name, string Address) node, bool controlPlane) =>
        new(
            node.Name,
            node.Address,
            controlPlane,
            Path.Combine(_directory, layout.Site, node.Name),
            $"{bridge}n{node.Address.Split('.')[3]}",
            bridge,
            layout.BastionAddress,
            controlPlane ? _options.DiskMountPoint : null
        );

    private Task CopyProgramAsync(CancellationToken cancellationToken) =>
        // A copy, so that a build does not pull the program from under running nodes.
        Tool.RunAsync("cp", ["-r", LabProgram.Directory, Path.Combine(_directory, "app")], cancellationToken);

    private async Task PrepareAsync(ClusterLayout[] layouts, LabState state, string[] seeds, CancellationToken cancellationToken)
    {
        var publicKey = await SshKeys.CreateAsync(Path.Combine(_directory, "id_ed25519"), "lab", cancellationToken);
        var knownHosts = await Task.WhenAll(
            layouts.Select((layout, i) => PrepareSiteAsync(layout, state.Sites[i], seeds[i], publicKey, cancellationToken))
        );
        await File.WriteAllTextAsync(Path.Combine(_directory, "known_hosts"), string.Concat(knownHosts), cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_directory, "etcddr.yaml"), LabProfile.Render(_directory, layouts), cancellationToken);
    }

    private async Task<string> PrepareSiteAsync(
        ClusterLayout layout,
        LabState.SiteState site,
        string seed,
        string publicKey,
        CancellationToken cancellationToken
    )
    {
        using var authorities = new ClusterAuthorities();
        var kubeadm = new KubeadmFiles(layout, authorities);
        await File.WriteAllTextAsync(Path.Combine(_directory, $"{layout.Site}.kubeconfig"), kubeadm.AdminKubeconfig(), cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(_directory, $"{layout.Site}.ca.crt"),
            authorities.Kubernetes.CertificatePem,
            cancellationToken
        );
        var system = new SystemFiles(layout, publicKey);
        var lines = new List<string>();
        for (var index = 0; index < site.Nodes.Count; index++)
        {
            lines.Add(await PrepareNodeAsync(layout, site.Nodes[index], index, kubeadm, system, seed, cancellationToken));
        }

        return string.Concat(lines);
    }

    /// <summary>Writes what the node finds at its first boot; gives its line for known_hosts.</summary>
    private async Task<string> PrepareNodeAsync(
        ClusterLayout layout,
        NodeSpecification node,
        int index,
        KubeadmFiles kubeadm,
        SystemFiles system,
        string seed,
        CancellationToken cancellationToken
    )
    {
        foreach (var part in new[] { "upper", "work", "root", "seed" })
        {
            Directory.CreateDirectory(Path.Combine(node.Directory, part));
        }

        var hostKey = Path.Combine(node.Directory, "host_key");
        var publicKey = await SshKeys.CreateAsync(hostKey, node.Name, cancellationToken);
        var files = new NodeFiles();
        system.Add(files, node, await File.ReadAllTextAsync(hostKey, cancellationToken), _options.Kubelet);
        if (node.IsControlPlane)
        {
            kubeadm.AddControlPlane(files, index);
            await PrepareEtcdAsync(layout, node, seed, cancellationToken);
        }
        else
        {
            kubeadm.AddWorker(files, node.Name, node.Address);
        }

        files.WriteTo(Path.Combine(node.Directory, "seed"));
        return $"{node.Address} {string.Join(' ', publicKey.Split(' ').Take(2))}\n";
    }

    private async Task PrepareEtcdAsync(ClusterLayout layout, NodeSpecification node, string seed, CancellationToken cancellationToken)
    {
        var tools = Path.Combine(_directory, "images/etcd/usr/local/bin");
        var tool = Path.Combine(tools, File.Exists(Path.Combine(tools, "etcdutl")) ? "etcdutl" : "etcdctl");
        string[] restore =
        [
            "env",
            "ETCDCTL_API=3",
            tool,
            "snapshot",
            "restore",
            seed,
            "--name",
            node.Name,
            "--initial-cluster",
            string.Join(',', layout.ControlPlanes.Select(n => $"{n.Name}=https://{n.Address}:2380")),
            "--initial-cluster-token",
            "etcd-cluster",
            "--initial-advertise-peer-urls",
            $"https://{node.Address}:2380",
            layout.DataDirectory,
        ];
        await File.WriteAllLinesAsync(Path.Combine(node.Directory, "restore"), restore, cancellationToken);
        await ImageStore.SeedAsync(_directory, Path.Combine(node.Directory, "seed"), cancellationToken);
        if (_options.ToolsOnPath)
        {
            var bin = Directory.CreateDirectory(Path.Combine(node.Directory, "seed/usr/local/bin")).FullName;
            await Tool.ShellAsync(
                "cp \"$1\"/etcdctl \"$2\"; [ ! -e \"$1/etcdutl\" ] || cp \"$1/etcdutl\" \"$2\"",
                [tools, bin],
                cancellationToken
            );
        }

        if (node.DiskMountPoint is not null)
        {
            var image = Path.Combine(node.Directory, "disk.img");
            await Tool.ShellAsync(
                "truncate -s \"$2\" \"$1\"; mkfs.ext4 -q -m 0 \"$1\"",
                [image, string.Create(CultureInfo.InvariantCulture, $"{_options.DiskMiB}M")],
                cancellationToken
            );
        }
    }

    private async Task StartAsync(ClusterLayout[] layouts, LabState state, CancellationToken cancellationToken)
    {
        var environment = new NodeEnvironment(
            _directory,
            Path.Combine(_directory, "app/node-boot/boot.sh"),
            Path.Combine(_directory, "app"),
            LabProgram.DotnetDirectory,
            Path.Combine(_directory, "images")
        );
        var clusters = state.Sites.Select(site => new LabCluster(_directory, site, environment)).ToArray();
        await Task.WhenAll(clusters.Select(cluster => PowerOnAsync(cluster, cancellationToken)));
        if (!_options.Kubelet)
        {
            return;
        }

        await StartFrontEndAsync(layouts, cancellationToken);
        if (!_options.WaitForApi)
        {
            return;
        }

        await Task.WhenAll(clusters.Select((cluster, i) => FinishAsync(cluster, layouts[i], cancellationToken)));
    }

    /// <summary>
    /// Switches a cluster's nodes on, the first a little before the others. Members with --experimental-initial-corrupt-check that start at
    /// the same time wait 7 s for each peer, which listens but does not serve yet; one that starts alone is refused at once and serves, and
    /// the others find it.
    /// </summary>
    private async Task PowerOnAsync(LabCluster cluster, CancellationToken cancellationToken)
    {
        var first = cluster.Nodes[0];
        await first.PowerOnAsync(cancellationToken);
        if (_options.Kubelet && cluster.Nodes.Count > 1)
        {
            // etcd opens its metrics port (2381) when that check is behind it. If it does not, the others start all the same.
            await first.TryAsync(
                "n=0; until ss -Hltn 'sport = 2381' | grep -q .; do n=$((n + 1)); [ $n -lt 200 ]; sleep 0.1; done",
                null,
                cancellationToken
            );
        }

        await Task.WhenAll(cluster.Nodes.Skip(1).Select(node => node.PowerOnAsync(cancellationToken)));
    }

    private async Task StartFrontEndAsync(ClusterLayout[] layouts, CancellationToken cancellationToken)
    {
        var settings = layouts.Select(layout => new FrontEndSettings(
            layout.EndpointAddress,
            layout.EndpointPort,
            layout.EndpointHost,
            Path.Combine(_directory, $"{layout.Site}.ca.crt"),
            [.. layout.ControlPlanes.Select(n => n.Address)]
        ));
        var file = Path.Combine(_directory, "frontend.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(settings.ToArray()), cancellationToken);
        const string script = "cd /; log=$1; shift; setsid \"$@\" > \"$log\" 2>&1 < /dev/null &";
        var environment = new Dictionary<string, string> { [Lab.Marker] = _directory };
        string[] command =
        [
            Path.Combine(LabProgram.DotnetDirectory, "dotnet"),
            Path.Combine(_directory, "app/EtcdDr.Lab.dll"),
            "frontend",
            file,
        ];
        await Tool.TryAsync(
            "/bin/sh",
            ["-euc", script, "sh", Path.Combine(_directory, "frontend.log"), .. command],
            environment: environment,
            cancellationToken: cancellationToken
        );
    }

    private async Task FinishAsync(LabCluster cluster, ClusterLayout layout, CancellationToken cancellationToken)
    {
        // As kubeadm does: admin.conf may nothing before its binding is there.
        using var api = cluster.ConnectApiAsSuperAdmin();
        await api.WaitAsync(
            $"The API of {cluster}",
            one => one.ReadyAsync(TimeSpan.FromSeconds(2), cancellationToken),
            ApiLimit,
            cancellationToken
        );
        await new KubeadmObjects(layout, await File.ReadAllTextAsync(cluster.CaFile, cancellationToken)).CreateAsync(
            api,
            cancellationToken
        );
    }

    private static string Numbered(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}");
}
