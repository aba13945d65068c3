namespace EtcdDr.Engine.Restore;

/// <summary>Judges what was read. Pure: asks nothing of any machine.</summary>
internal static class RestorePreflight
{
    /// <summary>What speaks against restoring a snapshot into a cluster.</summary>
    public static IReadOnlyList<RestoreFinding> Judge(RestoreSubject subject)
    {
        var findings = new List<RestoreFinding>();
        JudgeCluster(subject, findings);
        foreach (var node in subject.Nodes)
        {
            JudgeNode(subject, node, findings);
        }

        return findings;
    }

    private static void JudgeCluster(RestoreSubject subject, List<RestoreFinding> findings)
    {
        void Block(string check, string message, string remedy) => findings.Add(new RestoreFinding(check, null, message, remedy, true));

        var snapshot = subject.Snapshot;
        var theirs = snapshot.Nodes.Where(n => n.Role == NodeRole.ControlPlane).Select(n => n.Name).Order(StringComparer.Ordinal).ToList();
        var ours = subject.Nodes.Select(n => n.Node.Name).Order(StringComparer.Ordinal).ToList();
        if (theirs.Count > 0 && !theirs.SequenceEqual(ours))
        {
            Block(
                "NodeNames",
                $"The snapshot's control-plane nodes are {string.Join(", ", theirs)}, the cluster's are {string.Join(", ", ours)}.",
                "Build the secondary with the primary's node names; objects in the snapshot refer to them.");
        }

        var workersTheirs = snapshot.Nodes.Where(n => n.Role == NodeRole.Worker).Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        if (theirs.Count > 0 && !workersTheirs.SetEquals(subject.Workers))
        {
            findings.Add(new RestoreFinding(
                "WorkerNames",
                null,
                $"The snapshot's workers are {List(workersTheirs)}, the cluster's are {List(subject.Workers)}.",
                "Add the missing workers under the primary's names, or expect pods that find no node.",
                false));
        }

        if (snapshot.KubernetesVersion is { } was && subject.KubernetesVersion is { } now && EtcdVersions.Minor(was) != EtcdVersions.Minor(now))
        {
            Block(
                "KubernetesVersion",
                $"The snapshot is of Kubernetes {was}, the cluster runs {now}.",
                "Use the same Kubernetes minor version on both sites.");
        }

        if (subject.Manifest is { } manifest)
        {
            JudgeSettings(subject, manifest, Block);
        }
    }

    private static void JudgeSettings(RestoreSubject subject, Snapshots.SnapshotManifest manifest, Action<string, string, string> block)
    {
        var api = subject.Nodes.Select(n => n.Manifests.ApiServer).FirstOrDefault(a => a is not null);
        if (api is null)
        {
            return;
        }

        if (manifest.ServiceCidr is { } range && api.ServiceClusterIpRange is { } own && range != own)
        {
            block(
                "ServiceCidr",
                $"Services of the snapshot have addresses of {range}, the cluster's apiservers hand out {own}.",
                "Create the secondary with the primary's --service-cidr.");
        }

        var issuer = manifest.ServiceAccountIssuers.Count > 0 ? manifest.ServiceAccountIssuers[0] : null;
        if (issuer is not null && api.ServiceAccountIssuers.Count > 0 && issuer != api.ServiceAccountIssuers[0])
        {
            block(
                "ServiceAccountIssuer",
                $"Service-account tokens of the snapshot are issued by {issuer}, the cluster's by {api.ServiceAccountIssuers[0]}.",
                "Set the same --service-account-issuer on both sites.");
        }

        if (manifest.EncryptionAtRest == true && subject.Nodes.Any(n => n.Manifests.ApiServer?.EncryptionProviderConfig is null))
        {
            block(
                "EncryptionAtRest",
                "The snapshot's secrets are encrypted at rest, but an apiserver of the cluster has no --encryption-provider-config.",
                "Configure encryption at rest on the secondary's apiservers; the restore then brings the primary's keys.");
        }

        if (manifest.EncryptionAtRest == false && api.EncryptionProviderConfig is not null)
        {
            block(
                "EncryptionAtRest",
                "The cluster encrypts secrets at rest, but the snapshot's are not encrypted; its own configuration must be able to read them.",
                "Make sure that the cluster's encryption configuration ends with the provider 'identity', then run again with -SkipCheck EncryptionAtRest.");
        }
    }

    private static void JudgeNode(RestoreSubject subject, NodeFacts node, List<RestoreFinding> findings)
    {
        var name = node.Node.Name;
        void Block(string check, string message, string remedy) => findings.Add(new RestoreFinding(check, name, message, remedy, true));
        void Warn(string check, string message, string remedy) => findings.Add(new RestoreFinding(check, name, message, remedy, false));

        if (subject.Snapshot.EtcdVersion is { } was && node.EtcdVersion is { } now && EtcdVersions.Minor(was) != EtcdVersions.Minor(now))
        {
            Block("EtcdVersion", $"The snapshot is of etcd {was}, node '{name}' runs {now}.", "Use the same etcd minor version on both sites.");
        }

        var minor = node.EtcdVersion is { } version ? EtcdVersions.Minor(version) : null;
        if (!subject.Staged.Contains(name) && RestoreTool.Choose(node.Tools, minor) is null && !subject.ToolsElsewhere)
        {
            var have = node.Tools.Count == 0 ? "none was found" : string.Join(", ", node.Tools.Select(t => $"{t.Path} is {t.Version}"));
            Block(
                "RestoreTool",
                $"Node '{name}' has no etcdutl or etcdctl of etcd {minor ?? "(unknown version)"} that can restore: {have}.",
                "Name one in the profile: etcd.toolPath for a path on the nodes, or etcd.uploadTool for a file on this machine.");
        }

        JudgeSpace(subject, node, Block);
        if (node.Etcd.MountsInsideDataDir.Count > 0)
        {
            Block(
                "DataDirectory",
                $"On node '{name}' other volumes are mounted inside etcd's data directory {node.Etcd.DataHostPath}.",
                "Move etcd's data to one volume (and --wal-dir to another, if wanted) before restoring.");
        }

        if (node.ControlPlaneIsStopped)
        {
            Block(
                "ControlPlane",
                $"The control plane of node '{name}' was stopped by Stop-ControlPlane; its manifests are held aside.",
                $"Run Start-ControlPlane -Cluster {subject.Cluster} first.");
        }

        if (!node.KubeletActive)
        {
            Warn("Kubelet", $"The kubelet of node '{name}' is not active; the restore will start it.", "Look at it with 'systemctl status kubelet' on that node.");
        }

        if (!node.HasCrictl)
        {
            Block("ContainerRuntime", $"Node '{name}' has no crictl, which stopping its control plane needs.", "Install the package cri-tools on that node.");
        }

        if (!node.HasFlock)
        {
            Warn("FileLocks", $"Node '{name}' has no flock; the lock against other operations and the check for an open database do not hold there.", "Install util-linux on that node.");
        }
    }

    private static void JudgeSpace(RestoreSubject subject, NodeFacts node, Action<string, string, string> block)
    {
        var need = subject.Staged.Contains(node.Node.Name) ? 0 : RestorePlanner.NeededBytes(subject.Snapshot.DbSize);
        if (node.FreeBytes < need)
        {
            block(
                "FreeSpace",
                $"The file system of {node.Etcd.DataHostPath} on node '{node.Node.Name}' has {HumanText.Size(node.FreeBytes)} free; the restore needs {HumanText.Size(need)} beside the present data.",
                "Free space there (Remove-EtcdRestoreBackup frees what earlier restores keep) or enlarge it.");
        }

        const long ForConfiguration = 4 * 1024 * 1024;
        if (node.ConfigFreeBytes < ForConfiguration)
        {
            block(
                "FreeSpace",
                $"The file system of {node.Manifests.StaticPodPath} on node '{node.Node.Name}' has {HumanText.Size(node.ConfigFreeBytes)} free; the restore needs {HumanText.Size(ForConfiguration)} for its journal and keys.",
                "Free space there.");
        }
    }

    private static string List(IEnumerable<string> names) => string.Join(", ", names.Order(StringComparer.Ordinal).DefaultIfEmpty("none"));
}
