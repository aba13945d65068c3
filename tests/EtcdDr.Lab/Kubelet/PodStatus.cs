using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>Pod status as the kubelet reports it.</summary>
internal static class PodStatus
{
    /// <summary>Of a static pod, from its real containers.</summary>
    public static JsonObject OfStatic(JsonObject mirror, StaticPod pod, PodWorker worker, ContainerRuntime runtime, NodeSettings settings)
    {
        var containers = runtime.List().Where(c => c.PodUid == pod.Uid).ToArray();
        var statuses = new JsonArray();
        var ready = true;
        foreach (var spec in pod.Containers)
        {
            var name = spec.PartName();
            var newest = containers.LastOrDefault(c => c.Name == name);
            var runs = newest?.State == ContainerState.Running;
            var isReady = runs && worker.IsReady(name);
            ready &= isReady;
            var state = runs
                ? new JsonObject { ["running"] = new JsonObject { ["startedAt"] = Json.Time(newest!.StartedAt ?? DateTimeOffset.UtcNow) } }
                : new JsonObject
                {
                    ["waiting"] = new JsonObject { ["reason"] = worker.Waiting.GetValueOrDefault(name) ?? "ContainerCreating" },
                };
            var status = new JsonObject
            {
                ["name"] = name,
                ["ready"] = isReady,
                ["started"] = runs && worker.IsStarted(name),
                ["restartCount"] = newest?.Attempt ?? 0,
                ["image"] = spec.Text("image"),
                ["imageID"] = ContainerRuntime.ImageId(spec.Text("image") ?? ""),
                ["state"] = state,
                ["lastState"] = LastState(containers, name, newest),
            };
            if (newest is not null)
                status["containerID"] = "containerd://" + newest.Id;
            statuses.Add(status);
        }

        var result = Copy(mirror);
        Head(result, settings, settings.Address, containers.Length == 0 ? "Pending" : "Running");
        SetConditions(result, ready);
        result.Make("status")["containerStatuses"] = statuses;
        return result.Make("status");
    }

    /// <summary>Of a workload pod, which is only a record here.</summary>
    public static JsonObject OfWorkload(JsonObject pod, NodeSettings settings, string podCidr, bool running, string? trouble)
    {
        var statuses = new JsonArray();
        foreach (var spec in pod.Items("spec", "containers"))
        {
            var before = pod.Items("status", "containerStatuses").FirstOrDefault(s => s.PartName() == spec.PartName());
            var good = running && trouble is null;
            var state = good
                ? new JsonObject
                {
                    ["running"] = new JsonObject
                    {
                        ["startedAt"] = before.Text("state", "running", "startedAt") ?? Json.Time(DateTimeOffset.UtcNow),
                    },
                }
                : new JsonObject { ["waiting"] = new JsonObject { ["reason"] = trouble ?? "ContainerCreating" } };
            statuses.Add(
                new JsonObject
                {
                    ["name"] = spec.PartName(),
                    ["ready"] = good,
                    ["started"] = good,
                    ["restartCount"] = before.Number("restartCount") ?? 0,
                    ["image"] = spec.Text("image"),
                    ["imageID"] = good ? ContainerRuntime.ImageId(spec.Text("image") ?? "") : "",
                    ["state"] = state,
                    ["lastState"] = new JsonObject(),
                    ["containerID"] = good ? "containerd://" + Hash($"{pod.Uid()}/{settings.Address}/{spec.PartName()}") : null,
                }
            );
        }

        var result = Copy(pod);
        var address =
            !running ? ""
            : pod.True("spec", "hostNetwork") ? settings.Address
            : Address(podCidr, pod.Uid());
        Head(result, settings, address, running && trouble is null ? "Running" : "Pending");
        SetConditions(result, running && trouble is null);
        result.Make("status")["containerStatuses"] = statuses;
        return result.Make("status");
    }

    private static JsonObject Copy(JsonObject pod) =>
        new() { ["status"] = (pod.At("status") as JsonObject)?.DeepClone() ?? new JsonObject() };

    private static void Head(JsonObject result, NodeSettings settings, string address, string phase)
    {
        var status = result.Make("status");
        status["phase"] = phase;
        status["hostIP"] = settings.Address;
        status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = settings.Address });
        if (address.Length > 0)
        {
            status["podIP"] = address;
            status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = address });
        }

        status["startTime"] ??= Json.Time(DateTimeOffset.UtcNow);
    }

    private static void SetConditions(JsonObject result, bool ready)
    {
        Conditions.Set(result, "PodReadyToStartContainers", "True", null);
        Conditions.Set(result, "Initialized", "True", null);
        Conditions.Set(result, "Ready", ready ? "True" : "False", ready ? null : "ContainersNotReady");
        Conditions.Set(result, "ContainersReady", ready ? "True" : "False", ready ? null : "ContainersNotReady");
        Conditions.Set(result, "PodScheduled", "True", null);
        foreach (var condition in result.Items("status", "conditions").Where(c => c.Text("status") == "True"))
            condition.Remove("reason");
    }

    private static JsonObject LastState(Container[] containers, string name, Container? newest)
    {
        var last = containers.LastOrDefault(c =>
            c.Name == name && c.State == ContainerState.Exited && (c != newest || newest.State == ContainerState.Exited)
        );
        if (last is null)
            return [];
        return new JsonObject
        {
            ["terminated"] = new JsonObject
            {
                ["exitCode"] = last.ExitCode,
                ["reason"] = last.ExitCode == 0 ? "Completed" : "Error",
                ["containerID"] = "containerd://" + last.Id,
                ["startedAt"] = Json.Time(last.StartedAt ?? DateTimeOffset.UnixEpoch),
                ["finishedAt"] = Json.Time(last.FinishedAt ?? DateTimeOffset.UnixEpoch),
            },
        };
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>An address of the node's pod range, the same for the same pod.</summary>
    private static string Address(string cidr, string uid)
    {
        var parts = cidr.Split('/')[0].Split('.');
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(uid));
        return $"{parts[0]}.{parts[1]}.{parts[2]}.{2 + hash[0] % 250}";
    }
}
