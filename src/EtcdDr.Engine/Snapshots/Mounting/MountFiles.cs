using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>The small files of a mount: what they are called, what stands in them.</summary>
internal static class MountFiles
{
    /// <summary>Certificate of the mount's own authority.</summary>
    internal const string Authority = "ca.crt";

    /// <summary>Certificate that etcd and the apiserver serve with, and that the apiserver shows to etcd.</summary>
    internal const string Certificate = "mount.crt";

    /// <summary>Its key.</summary>
    internal const string Key = "mount.key";

    /// <summary>Who may do what.</summary>
    internal const string Policy = "policy.jsonl";

    /// <summary>Where the apiserver may connect to.</summary>
    internal const string Egress = "egress.yaml";

    /// <summary>The snapshot's configuration of encryption at rest.</summary>
    internal const string Encryption = "encryption.yaml";

    /// <summary>The user whom the kubeconfig stands for.</summary>
    internal const string Reader = "etcddr-reader";

    /// <summary>
    /// The policy of ABAC: one user may read everything. <c>readonly</c> is get, list and watch (pkg/auth/authorizer/abac); what can be
    /// started with a get, such as <c>exec</c> and <c>proxy</c>, ends at <see cref="EgressText"/>.
    /// </summary>
    internal static string PolicyText { get; } =
        Line(("namespace", "*"), ("resource", "*"), ("apiGroup", "*")) + Line(("nonResourcePath", "*"));

    /// <summary>
    /// The apiserver's ways out: to a socket that is not there. Conversion webhooks, aggregated APIs, kubelets, pods and services that the
    /// snapshot names are not connected to; etcd, which has no entry, is (pkg/server/egressselector).
    /// </summary>
    internal static string EgressText { get; } =
        "apiVersion: apiserver.k8s.io/v1beta1\nkind: EgressSelectorConfiguration\negressSelections:\n"
        + Way("cluster")
        + Way("controlplane");

    /// <summary>The kubeconfig that leads to a mount.</summary>
    internal static string Kubeconfig(string name, int port, string authority, string certificate, string key) =>
        $"""
            apiVersion: v1
            kind: Config
            current-context: {name}
            clusters:
            - name: {name}
              cluster:
                server: https://127.0.0.1:{port}
                certificate-authority-data: {Coded(authority)}
            contexts:
            - name: {name}
              context:
                cluster: {name}
                user: {Reader}
            users:
            - name: {Reader}
              user:
                client-certificate-data: {Coded(certificate)}
                client-key-data: {Coded(key)}

            """;

    /// <summary>Whether a configuration of encryption at rest asks a key management service anywhere: it would be asked with the snapshot's
    /// own name for it, and where that answers, it is a live cluster's.</summary>
    /// <exception cref="YamlFormatException">It is no YAML.</exception>
    internal static bool AsksKms(string configuration) =>
        (YamlReader.Read(configuration)?["resources"]?.Items ?? [])
            .SelectMany(r => r["providers"]?.Items ?? [])
            .Any(p => p.Entries.Any(e => e.Key == "kms"));

    private static string Coded(string pem) => Convert.ToBase64String(Encoding.ASCII.GetBytes(pem));

    private static string Line(params (string Key, string Value)[] what)
    {
        var spec = new JsonObject { ["user"] = Reader };
        foreach (var (key, value) in what)
        {
            spec[key] = value;
        }

        spec["readonly"] = true;
        var policy = new JsonObject
        {
            ["apiVersion"] = "abac.authorization.kubernetes.io/v1beta1",
            ["kind"] = "Policy",
            ["spec"] = spec,
        };
        return policy.ToJsonString() + "\n";
    }

    private static string Way(string name) =>
        $"- name: {name}\n  connection:\n    proxyProtocol: HTTPConnect\n    transport:\n      uds:\n        udsName: /nowhere\n";
}
