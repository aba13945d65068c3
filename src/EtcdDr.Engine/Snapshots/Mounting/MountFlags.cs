using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>
/// The flags of the kube-apiserver that serves a snapshot. What they must do: let one identity read and nobody write, keep it from writing
/// by itself as far as that goes, and from calling anything that the snapshot names. The ports are the remote script's to choose.
/// </summary>
internal static class MountFlags
{
    // What asks webhooks and policies of the snapshot about writes: there is none but the apiserver's own at its start.
    private const string Admission =
        "MutatingAdmissionWebhook,ValidatingAdmissionWebhook,MutatingAdmissionPolicy,ValidatingAdmissionPolicy";

    // MutatingAdmissionPolicy is a plugin from this version on, and a name that is none ends the apiserver (admission_mutating.go).
    private static readonly Version MutatingPolicies = new(1, 32);
    private static readonly Version ValidatingPolicies = new(1, 26);

    private const string UsualServiceRange = "10.96.0.0/12";

    /// <summary>The flags.</summary>
    /// <param name="node">How the apiserver of the node is set up, whose program it is; null where it is not known.</param>
    /// <param name="version">The program's version; null where it is not known, which counts as new.</param>
    /// <param name="settings">What the snapshot says of its cluster; null for nothing.</param>
    /// <param name="isEncrypted">Whether the snapshot's configuration of encryption at rest comes along.</param>
    internal static IReadOnlyList<string> Of(ApiServerConfiguration? node, string? version, SnapshotSettings? settings, bool isEncrypted) =>
        [
            $"--etcd-prefix={node?.EtcdPrefix ?? "/registry"}",
            $"--etcd-cafile=/{MountFiles.Authority}",
            $"--etcd-certfile=/{MountFiles.Certificate}",
            $"--etcd-keyfile=/{MountFiles.Key}",
            "--etcd-compaction-interval=0",
            "--etcd-count-metric-poll-period=0",
            "--watch-cache=false",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            $"--client-ca-file=/{MountFiles.Authority}",
            $"--tls-cert-file=/{MountFiles.Certificate}",
            $"--tls-private-key-file=/{MountFiles.Key}",
            "--anonymous-auth=false",
            "--authorization-mode=ABAC",
            $"--authorization-policy-file=/{MountFiles.Policy}",
            $"--egress-selector-config-file=/{MountFiles.Egress}",
            $"--disable-admission-plugins={AdmissionOf(version)}",
            "--enable-priority-and-fairness=false",
            "--profiling=false",
            "--service-account-issuer=https://etcddr.invalid",
            $"--service-account-key-file=/{MountFiles.Certificate}",
            $"--service-account-signing-key-file=/{MountFiles.Key}",
            $"--service-cluster-ip-range={settings?.ServiceCidr ?? node?.ServiceClusterIpRange ?? UsualServiceRange}",
            .. Taken(node, "feature-gates", node?.FeatureGates),
            .. Taken(node, "runtime-config", node?.RuntimeConfig),
            .. isEncrypted ? [$"--encryption-provider-config=/{MountFiles.Encryption}"] : (string[])[],
        ];

    // Kinds that the node's own flags switch on are served here too.
    private static string[] Taken(ApiServerConfiguration? node, string flag, IReadOnlyList<string>? values) =>
        node is null || values is not { Count: > 0 } ? [] : [$"--{flag}={string.Join(',', values)}"];

    private static string AdmissionOf(string? version)
    {
        if (!Version.TryParse(version?.TrimStart('v').Split('-', '+')[0], out var known))
        {
            return Admission;
        }

        var names = Admission.Split(',').Where(n => n != "MutatingAdmissionPolicy" || known >= MutatingPolicies);
        return string.Join(',', names.Where(n => n != "ValidatingAdmissionPolicy" || known >= ValidatingPolicies));
    }
}
