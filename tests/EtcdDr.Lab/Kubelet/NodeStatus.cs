using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>The Node object as the kubelet writes it.</summary>
internal static class NodeStatus
{
    /// <summary>A new Node. Role label and taint come with it, which kubeadm sets afterwards on real clusters.</summary>
    public static JsonObject NewNode(NodeSettings settings)
    {
        var labels = new JsonObject
        {
            ["beta.kubernetes.io/arch"] = "amd64",
            ["beta.kubernetes.io/os"] = "linux",
            ["kubernetes.io/arch"] = "amd64",
            ["kubernetes.io/hostname"] = settings.Name,
            ["kubernetes.io/os"] = "linux",
        };
        var spec = new JsonObject();
        if (settings.ControlPlane)
        {
            labels["node-role.kubernetes.io/control-plane"] = "";
            labels["node.kubernetes.io/exclude-from-external-load-balancers"] = "";
            spec["taints"] = new JsonArray(new JsonObject { ["key"] = "node-role.kubernetes.io/control-plane", ["effect"] = "NoSchedule" });
        }

        foreach (var (name, value) in settings.Lab.At("labels") as JsonObject ?? [])
            labels[name] = value?.DeepClone();
        var node = new JsonObject
        {
            ["kind"] = "Node",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = settings.Name,
                ["labels"] = labels,
                ["annotations"] = new JsonObject
                {
                    ["kubeadm.alpha.kubernetes.io/cri-socket"] = "unix:///run/containerd/containerd.sock",
                    ["volumes.kubernetes.io/controller-managed-attach-detach"] = "true",
                },
            },
            ["spec"] = spec,
        };
        Fill(settings, node);
        return node;
    }

    /// <summary>Writes the status that is true now into <paramref name="node"/>.</summary>
    public static void Fill(NodeSettings settings, JsonObject node)
    {
        var status = node.Make("status");
        status["addresses"] = new JsonArray(
            new JsonObject { ["type"] = "InternalIP", ["address"] = settings.Address },
            new JsonObject { ["type"] = "Hostname", ["address"] = settings.Name }
        );
        var capacity = new JsonObject
        {
            ["cpu"] = "4",
            ["ephemeral-storage"] = "61255492Ki",
            ["hugepages-2Mi"] = "0",
            ["memory"] = "8148000Ki",
            ["pods"] = "110",
        };
        foreach (var (name, value) in settings.Lab.At("capacity") as JsonObject ?? [])
            capacity[name] = value?.DeepClone();
        status["capacity"] = capacity;
        var allocatable = capacity.Copy();
        foreach (var (name, value) in settings.Lab.At("allocatable") as JsonObject ?? [])
            allocatable[name] = value?.DeepClone();
        status["allocatable"] = allocatable;
        status["daemonEndpoints"] = new JsonObject { ["kubeletEndpoint"] = new JsonObject { ["Port"] = 10250 } };
        status["nodeInfo"] = new JsonObject
        {
            ["architecture"] = "amd64",
            ["bootID"] = ReadLine("/proc/sys/kernel/random/boot_id"),
            ["containerRuntimeVersion"] = settings.Lab.Text("containerRuntime") ?? "containerd://2.1.4",
            ["kernelVersion"] = ReadLine("/proc/sys/kernel/osrelease"),
            ["kubeProxyVersion"] = "",
            ["kubeletVersion"] = settings.Version,
            ["machineID"] = StaticPod.MD5Hex(settings.Name + settings.Address),
            ["operatingSystem"] = "linux",
            ["osImage"] = OsImage(),
            ["systemUUID"] = StaticPod.MD5Hex(settings.Address),
        };
        Conditions.Set(
            node,
            "MemoryPressure",
            "False",
            "KubeletHasSufficientMemory",
            "kubelet has sufficient memory available",
            heartbeat: true
        );
        Conditions.Set(node, "DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure", heartbeat: true);
        Conditions.Set(node, "PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available", heartbeat: true);
        Conditions.Set(node, "Ready", "True", "KubeletReady", "kubelet is posting ready status", heartbeat: true);
    }

    /// <summary>The status without what changes at every heartbeat.</summary>
    public static JsonNode? Essence(JsonObject node)
    {
        var status = node.At("status")?.DeepClone();
        foreach (var condition in status.Items("conditions"))
            condition.Remove("lastHeartbeatTime");
        return status;
    }

    private static string ReadLine(string path) => File.ReadAllText(path).Trim();

    private static string OsImage() =>
        File.ReadLines("/etc/os-release").FirstOrDefault(l => l.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?[12..].Trim('"')
        ?? "Linux";
}
