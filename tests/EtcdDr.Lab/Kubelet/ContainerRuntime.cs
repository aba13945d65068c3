using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>
/// Plays containerd: sandboxes and containers as directories below /run/lab/containerd. It has no process of its own; each container has a
/// shim that lives on when the kubelet stops, and crictl reads the same directories.
/// </summary>
internal sealed class ContainerRuntime(string root, string shim)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public string Root => root;

    public string Containers => Path.Combine(root, "containers");

    private string Sandboxes => Path.Combine(root, "sandboxes");

    public void Prepare()
    {
        Directory.CreateDirectory(Containers);
        Directory.CreateDirectory(Sandboxes);
    }

    public IReadOnlyList<Container> List() =>
        [.. Directory.EnumerateDirectories(Containers).Select(Container.Open).OfType<Container>().OrderBy(c => c.CreatedAt)];

    /// <summary>The pod's sandbox that is ready; a new one when there is none.</summary>
    public string EnsureSandbox(StaticPod pod)
    {
        var mine = Directory.EnumerateDirectories(Sandboxes).Where(d => ReadOrNull(d, "uid") == pod.Uid && !Flag(d, "removed")).ToArray();
        if (mine.FirstOrDefault(d => !Flag(d, "stopped")) is { } ready)
            return Path.GetFileName(ready);
        var id = NewId();
        var now = NanoTime();
        var labels = new JsonObject();
        foreach (var (key, value) in pod.Manifest.At("metadata", "labels") as JsonObject ?? [])
            labels[key] = value?.DeepClone();
        labels["io.kubernetes.pod.name"] = pod.Name;
        labels["io.kubernetes.pod.namespace"] = pod.Namespace;
        labels["io.kubernetes.pod.uid"] = pod.Uid;
        var annotations = new JsonObject { ["kubernetes.io/config.hash"] = pod.Uid, ["kubernetes.io/config.source"] = "file" };
        var metadata = new JsonObject
        {
            ["attempt"] = mine.Length,
            ["name"] = pod.Name,
            ["namespace"] = pod.Namespace,
            ["uid"] = pod.Uid,
        };
        var list = new JsonObject
        {
            ["id"] = id,
            ["metadata"] = metadata,
            ["state"] = "@STATE@",
            ["createdAt"] = now.ToString(CultureInfo.InvariantCulture),
            ["labels"] = labels,
            ["annotations"] = annotations,
            ["runtimeHandler"] = "",
        };
        var status = list.Copy();
        status["createdAt"] = Rfc3339(now);
        status["network"] = new JsonObject { ["additionalIps"] = new JsonArray(), ["ip"] = "" };
        status["linux"] = new JsonObject
        {
            ["namespaces"] = new JsonObject
            {
                ["options"] = new JsonObject
                {
                    ["ipc"] = "POD",
                    ["network"] = "NODE",
                    ["pid"] = "CONTAINER",
                    ["targetId"] = "",
                },
            },
        };
        var meta = $"c_id={id} c_pod={Quote(pod.Name)} c_namespace={Quote(pod.Namespace)} c_attempt={mine.Length}";
        Publish(
            Sandboxes,
            id,
            new()
            {
                ["uid"] = pod.Uid,
                ["created"] = now.ToString(CultureInfo.InvariantCulture),
                ["labels"] = LabelLines(labels),
                ["list.json"] = list.ToJsonString(Indented),
                ["inspect.json"] =
                    new JsonObject
                    {
                        ["status"] = status,
                        ["info"] = new JsonObject { ["pid"] = 0, ["runtimeType"] = "io.containerd.runc.v2" },
                    }.ToJsonString(Indented) + "\n",
                ["meta"] = meta,
            }
        );
        return id;
    }

    public void StopSandbox(string uid)
    {
        foreach (var directory in Directory.EnumerateDirectories(Sandboxes).Where(d => ReadOrNull(d, "uid") == uid))
            File.WriteAllText(Path.Combine(directory, "stopped"), "");
    }

    /// <summary>Makes the container and lets its shim start it.</summary>
    public void Start(StaticPod pod, JsonObject container, string hash, int attempt, string imageRoot)
    {
        var id = NewId();
        var sandbox = EnsureSandbox(pod);
        var name = container.PartName();
        var log = $"/var/log/pods/{pod.Namespace}_{pod.Name}_{pod.Uid}/{name}/{attempt}.log";
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        var now = NanoTime();
        var record = new JsonObject
        {
            ["podUid"] = pod.Uid,
            ["podName"] = pod.Name,
            ["namespace"] = pod.Namespace,
            ["name"] = name,
            ["attempt"] = attempt,
            ["hash"] = hash,
            ["sandbox"] = sandbox,
            ["image"] = container.Text("image"),
            ["grace"] = pod.GraceSeconds,
            ["createdAt"] = now,
        };
        var (list, inspect, labels) = Describe(pod, container, id, sandbox, attempt, hash, now, log);
        var imageId = ImageId(container.Text("image")!);
        var meta =
            $"c_id={id} c_name={Quote(name)} c_attempt={attempt} c_sandbox={sandbox} c_pod={Quote(pod.Name)} "
            + $"c_namespace={Quote(pod.Namespace)} c_image={Quote(container.Text("image")!)} c_imageid={imageId[7..]}";
        Publish(
            Containers,
            id,
            new()
            {
                ["created"] = now.ToString(CultureInfo.InvariantCulture),
                ["labels"] = LabelLines(labels),
                ["list.json"] = list.ToJsonString(Indented),
                ["inspect.json"] = inspect.ToJsonString(Indented) + "\n",
                ["logpath"] = log,
                ["run"] = ContainerScript.Write(pod, container, imageRoot, Path.Combine(Containers, id)),
                ["record.json"] = record.ToJsonString(),
                ["meta"] = meta,
            }
        );
        Launch(Path.Combine(Containers, id));
    }

    public static void Remove(Container container) => Delete(container.Directory);

    /// <summary>Removes the sandboxes that were stopped and have no container any more, and what crictl marked removed.</summary>
    public void Sweep(Func<string, bool> podIsWanted)
    {
        foreach (var directory in Directory.EnumerateDirectories(Containers).Where(d => Flag(d, "removed") && Flag(d, "exit")))
            Delete(directory);
        var used = List().Select(c => c.Sandbox).ToHashSet();
        foreach (var directory in Directory.EnumerateDirectories(Sandboxes))
        {
            if (
                Flag(directory, "removed")
                || (
                    Flag(directory, "stopped")
                    && !used.Contains(Path.GetFileName(directory))
                    && !podIsWanted(ReadOrNull(directory, "uid") ?? "")
                )
            )
                Delete(directory);
        }
    }

    // crictl and a shim clear away too: what is gone in the middle is gone, and what is in use still goes next time. A kubelet that died of
    // it came back ten seconds later.
    private static void Delete(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            ComponentProcess.Log($"{directory} is not removed yet: {exception.Message}");
        }
    }

    internal static string ImageId(string image) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(image)));

    internal static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    private static (JsonObject List, JsonObject Inspect, JsonObject Labels) Describe(
        StaticPod pod,
        JsonObject container,
        string id,
        string sandbox,
        int attempt,
        string hash,
        long now,
        string log
    )
    {
        var image = container.Text("image")!;
        var metadata = new JsonObject { ["attempt"] = attempt, ["name"] = container.PartName() };
        var labels = new JsonObject
        {
            ["io.kubernetes.container.name"] = container.PartName(),
            ["io.kubernetes.pod.name"] = pod.Name,
            ["io.kubernetes.pod.namespace"] = pod.Namespace,
            ["io.kubernetes.pod.uid"] = pod.Uid,
        };
        var annotations = new JsonObject
        {
            ["io.kubernetes.container.hash"] = hash,
            ["io.kubernetes.container.restartCount"] = attempt.ToString(CultureInfo.InvariantCulture),
            ["io.kubernetes.container.terminationMessagePath"] = "/dev/termination-log",
            ["io.kubernetes.container.terminationMessagePolicy"] = "File",
            ["io.kubernetes.pod.terminationGracePeriod"] = pod.GraceSeconds.ToString(CultureInfo.InvariantCulture),
        };
        var list = new JsonObject
        {
            ["id"] = id,
            ["podSandboxId"] = sandbox,
            ["metadata"] = metadata.Copy(),
            ["image"] = new JsonObject
            {
                ["annotations"] = new JsonObject(),
                ["image"] = ImageId(image),
                ["runtimeHandler"] = "",
                ["userSpecifiedImage"] = image,
            },
            ["imageRef"] = ImageId(image),
            ["imageId"] = ImageId(image),
            ["state"] = "@STATE@",
            ["createdAt"] = now.ToString(CultureInfo.InvariantCulture),
            ["labels"] = labels.Copy(),
            ["annotations"] = annotations.Copy(),
        };
        var mounts = new JsonArray();
        foreach (var (host, path, readOnly) in ContainerScript.HostMounts(pod, container))
            mounts.Add(
                new JsonObject
                {
                    ["containerPath"] = path,
                    ["hostPath"] = host,
                    ["propagation"] = "PROPAGATION_PRIVATE",
                    ["readonly"] = readOnly,
                    ["selinuxRelabel"] = false,
                }
            );
        var status = new JsonObject
        {
            ["id"] = id,
            ["metadata"] = metadata,
            ["state"] = "@STATE@",
            ["createdAt"] = Rfc3339(now),
            ["startedAt"] = "@STARTED@",
            ["finishedAt"] = "@FINISHED@",
            ["image"] = new JsonObject
            {
                ["annotations"] = new JsonObject(),
                ["image"] = image,
                ["runtimeHandler"] = "",
                ["userSpecifiedImage"] = "",
            },
            ["imageRef"] = ImageId(image),
            ["reason"] = "@REASON@",
            ["message"] = "",
            ["labels"] = labels,
            ["annotations"] = annotations,
            ["mounts"] = mounts,
            ["logPath"] = log,
        };
        // Numbers go in bare: the placeholder is a string in the template and loses its quotes here.
        status["exitCode"] = "@EXIT@";
        var inspect = new JsonObject
        {
            ["status"] = status,
            ["info"] = new JsonObject
            {
                ["sandboxID"] = sandbox,
                ["pid"] = "@PID@",
                ["removing"] = false,
                ["snapshotter"] = "overlayfs",
                ["runtimeType"] = "io.containerd.runc.v2",
                ["config"] = new JsonObject
                {
                    ["metadata"] = metadata.Copy(),
                    ["image"] = new JsonObject { ["image"] = ImageId(image) },
                    ["command"] = container.At("command")?.DeepClone(),
                    ["args"] = container.At("args")?.DeepClone(),
                    ["mounts"] = mounts.DeepClone(),
                },
            },
        };
        return (list, inspect, labels.Copy());
    }

    private void Launch(string directory)
    {
        // The outer shell ends at once, so that PID 1 inherits the shim: it is not the kubelet's child and lives on without it.
        var start = new ProcessStartInfo("/bin/sh") { UseShellExecute = false, WorkingDirectory = "/" };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("setsid /bin/sh \"$0\" \"$1\" </dev/null >/dev/null 2>&1 &");
        start.ArgumentList.Add(shim);
        start.ArgumentList.Add(directory);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("/bin/sh does not start.");
        process.WaitForExit();
    }

    private static void Publish(string parent, string id, Dictionary<string, string> files)
    {
        // "meta" and "record.json" come last: readers take a directory without them for unfinished.
        var directory = Path.Combine(parent, id);
        Directory.CreateDirectory(directory);
        Directory.CreateDirectory(Path.Combine(directory, "rootfs"));
        foreach (var (name, text) in files)
        {
            var content =
                name == "inspect.json"
                    ? text.Replace("\"@EXIT@\"", "@EXIT@", StringComparison.Ordinal).Replace("\"@PID@\"", "@PID@", StringComparison.Ordinal)
                    : text;
            File.WriteAllText(Path.Combine(directory, name), content);
        }
    }

    private static string LabelLines(JsonObject labels) => string.Concat(labels.Select(l => $"{l.Key}={l.Value}\n"));

    private static bool Flag(string directory, string name) => File.Exists(Path.Combine(directory, name));

    private static string? ReadOrNull(string directory, string name) =>
        Flag(directory, name) ? File.ReadAllText(Path.Combine(directory, name)) : null;

    private static string NewId() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    private static long NanoTime() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static string Rfc3339(long nanoseconds) =>
        DateTimeOffset.UnixEpoch.AddTicks(nanoseconds / 100).ToString("yyyy-MM-dd'T'HH:mm:ss'.'fffffff'00Z'", CultureInfo.InvariantCulture);
}
