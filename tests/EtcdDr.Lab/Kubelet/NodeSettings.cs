using System.Globalization;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>What the kubelet reads at its start: the lab's node.json, kubeadm's config.yaml and kubeadm-flags.env.</summary>
/// <param name="Name">Name of the node.</param>
/// <param name="Address">Its InternalIP.</param>
/// <param name="Version">The Kubernetes version that the kubelet says it has, such as v1.36.0.</param>
/// <param name="ControlPlane">Whether it is a control-plane node.</param>
/// <param name="StaticPodPath">Where manifests are.</param>
/// <param name="FileCheck">How often the manifests are read in any case.</param>
/// <param name="Kubeconfig">Its own kubeconfig.</param>
/// <param name="PodCidr">Addresses of workload pods come from it.</param>
/// <param name="Lab">The whole of node.json: speeds and capacity.</param>
internal sealed record NodeSettings(
    string Name,
    string Address,
    string Version,
    bool ControlPlane,
    string StaticPodPath,
    TimeSpan FileCheck,
    string Kubeconfig,
    string PodCidr,
    JsonObject Lab
)
{
    public static NodeSettings Read()
    {
        var lab = JsonNode.Parse(File.ReadAllText("/etc/lab/node.json")) as JsonObject ?? [];
        var config = File.Exists("/var/lib/kubelet/config.yaml") ? Yaml.Parse(File.ReadAllText("/var/lib/kubelet/config.yaml")) : null;
        var flags = Flags("/var/lib/kubelet/kubeadm-flags.env");
        return new NodeSettings(
            flags.GetValueOrDefault("hostname-override") ?? lab.Text("name") ?? Environment.MachineName,
            flags.GetValueOrDefault("node-ip")
                ?? lab.Text("address")
                ?? throw new InvalidDataException("No node-ip in kubeadm-flags.env, no address in node.json."),
            lab.Text("kubernetesVersion") ?? "v1.36.0",
            lab.Text("role") == "ControlPlane",
            config.Text("staticPodPath") ?? "/etc/kubernetes/manifests",
            Duration(config.Text("fileCheckFrequency")) is { } check && check > TimeSpan.Zero ? check : TimeSpan.FromSeconds(20),
            "/etc/kubernetes/kubelet.conf",
            lab.Text("podCidr") ?? "10.244.0.0/16",
            lab
        );
    }

    /// <summary>A speed from <c>speeds</c> of node.json, in seconds.</summary>
    public TimeSpan Speed(string name, double seconds) =>
        double.TryParse(Lab.Text("speeds", name), NumberStyles.Float, CultureInfo.InvariantCulture, out var set)
            ? TimeSpan.FromSeconds(set)
            : TimeSpan.FromSeconds(seconds);

    private static Dictionary<string, string> Flags(string path)
    {
        var result = new Dictionary<string, string>();
        if (!File.Exists(path))
            return result;
        foreach (var word in File.ReadAllText(path).Split([' ', '"', '\n', '\''], StringSplitOptions.RemoveEmptyEntries))
        {
            var at = word.IndexOf("--", StringComparison.Ordinal);
            var parts = at < 0 ? [] : word[(at + 2)..].Split('=', 2);
            if (parts.Length == 2)
                result[parts[0]] = parts[1];
        }

        return result;
    }

    /// <summary>Go's short durations (20s, 1m30s).</summary>
    private static TimeSpan? Duration(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var total = TimeSpan.Zero;
        var number = "";
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c) || c == '.')
            {
                number += c;
                continue;
            }
            if (number.Length == 0)
                continue;
            var value = double.Parse(number, CultureInfo.InvariantCulture);
            total += c switch
            {
                'h' => TimeSpan.FromHours(value),
                'm' => TimeSpan.FromMinutes(value),
                's' => TimeSpan.FromSeconds(value),
                _ => TimeSpan.Zero,
            };
            number = "";
        }

        return total;
    }
}
