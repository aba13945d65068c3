using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;
using static EtcdDr.Lab.Kubelet.ContainerRuntime;

namespace EtcdDr.Lab.Kubelet;

/// <summary>The shell script that lays a container's root file system within its own mount namespace and becomes its process.</summary>
internal static class ContainerScript
{
    /// <summary>Binaries that the lab plays by its own program: the name in the manifest, the subcommand.</summary>
    private static readonly Dictionary<string, string> Played = new()
    {
        ["kube-apiserver"] = "apiserver",
        ["kube-controller-manager"] = "controller-manager",
        ["kube-scheduler"] = "scheduler",
    };

    /// <summary>The hostPath mounts of a container; emptyDir volumes get a directory of the kubelet's.</summary>
    public static IEnumerable<(string Host, string Path, bool ReadOnly)> HostMounts(StaticPod pod, JsonObject container)
    {
        var volumes = pod.Manifest.Items("spec", "volumes").ToDictionary(v => v.PartName());
        foreach (var mount in container.Items("volumeMounts"))
        {
            if (!volumes.TryGetValue(mount.PartName(), out var volume))
                continue;
            var host =
                volume.Text("hostPath", "path") ?? $"/var/lib/kubelet/pods/{pod.Uid}/volumes/kubernetes.io~empty-dir/{mount.PartName()}";
            if (mount.Text("subPath") is { Length: > 0 } below)
                host = $"{host}/{below}";
            yield return (host, mount.Text("mountPath")!, mount.True("readOnly"));
        }
    }

    public static string Write(StaticPod pod, JsonObject container, string imageRoot, string directory)
    {
        var script = new StringBuilder("set -e\nr=$1; r=" + Quote(directory + "/rootfs") + "\n");
        if (imageRoot == "/" || IsPlayed(container))
            WriteNodeRoot(script);
        else
            WriteImageRoot(script, imageRoot, directory);
        script.Append("mount --rbind /proc proc\nmount --rbind /dev dev\n");
        script.Append("for f in hosts resolv.conf nsswitch.conf hostname; do if [ -f /etc/$f ]; then cp -L /etc/$f etc/$f; fi; done\n");
        WriteVolumes(script, pod, container);
        WriteStart(script, container, directory);
        return script.ToString();
    }

    private static bool IsPlayed(JsonObject container) =>
        container.Texts("command").FirstOrDefault() is { } program && Played.ContainsKey(Path.GetFileName(program));

    /// <summary>As containerd's overlayfs snapshotter does: one mount, the image below, what the container writes above.</summary>
    private static void WriteImageRoot(StringBuilder script, string imageRoot, string directory) =>
        script.Append(
            CultureInfo.InvariantCulture,
            $"""
            l={Quote(directory + "/layers")}; mkdir -p "$l"
            mount -t tmpfs -o mode=0755,size=64m layers "$l"
            mkdir "$l/upper" "$l/work"
            mount -t overlay -o {Quote($"lowerdir={imageRoot}")},upperdir="$l/upper",workdir="$l/work" rootfs "$r"
            cd "$r"
            mkdir -p proc dev etc tmp run var/lib var/log var/tmp root usr/local
            chmod 1777 tmp var/tmp

            """
        );

    /// <summary>The node's own programs for the parts that are played: no state of the node, only what a runtime needs.</summary>
    private static void WriteNodeRoot(StringBuilder script) =>
        script.Append(
            """
            mount -t tmpfs -o mode=0755,size=64m rootfs "$r"
            cd "$r"
            mkdir -p proc dev etc tmp run var/lib var/log var/tmp root usr/local
            chmod 1777 tmp var/tmp
            ro() { mount --bind "$1" "$2"; mount -o remount,bind,ro "$2"; }
            for n in bin sbin lib lib64; do if [ -L /$n ]; then cp -a /$n $n; elif [ -d /$n ]; then mkdir -p $n; ro /$n $n; fi; done
            ro /usr usr
            for n in app dotnet; do if [ -d /opt/lab/$n ]; then mkdir -p opt/lab/$n; ro /opt/lab/$n opt/lab/$n; fi; done
            mkdir -p etc/lab; if [ -f /etc/lab/node.json ]; then cp /etc/lab/node.json etc/lab/; fi

            """
        );

    private static void WriteVolumes(StringBuilder script, StaticPod pod, JsonObject container)
    {
        var types = pod
            .Manifest.Items("spec", "volumes")
            .ToDictionary(v => v.PartName(), v => v.Text("hostPath", "type") ?? (v.At("hostPath") is null ? "DirectoryOrCreate" : ""));
        var mounts = container.Items("volumeMounts").Where(m => types.ContainsKey(m.PartName())).Select(m => types[m.PartName()]);
        foreach (var ((host, path, readOnly), type) in HostMounts(pod, container).Zip(mounts).OrderBy(m => m.First.Path.Length))
        {
            var h = Quote(host);
            script.Append(
                type switch
                {
                    "DirectoryOrCreate" => $"mkdir -p {h}\n",
                    "FileOrCreate" => $"[ -e {h} ] || : >{h}\n",
                    "Directory" => $"[ -d {h} ] || {{ echo \"hostPath type check failed: {host} is not a directory\"; exit 128; }}\n",
                    "File" => $"[ -f {h} ] || {{ echo \"hostPath type check failed: {host} is not a file\"; exit 128; }}\n",
                    // As docker did and containerd does: what is missing becomes a directory.
                    _ => $"[ -e {h} ] || mkdir -p {h}\n",
                }
            );
            var p = Quote("." + path);
            script.Append(
                CultureInfo.InvariantCulture,
                $"if [ -d {h} ]; then [ -d {p} ] || mkdir -p {p}; else mkdir -p {Quote("." + Path.GetDirectoryName(path))}; [ -e "
                    + $"{p} ] || : >{p}; fi\nmount --rbind {h} {p}\n"
            );
            if (readOnly)
                script.Append(CultureInfo.InvariantCulture, $"mount -o remount,bind,ro {p}\n");
        }
    }

    private static void WriteStart(StringBuilder script, JsonObject container, string directory)
    {
        var words = container.Texts("command").Concat(container.Texts("args")).ToArray();
        var environment = new List<string>
        {
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root",
            $"HOSTNAME={Environment.MachineName}",
        };
        foreach (var variable in container.Items("env"))
        {
            if (variable.Text("value") is { } value)
                environment.Add($"{variable.PartName()}={value}");
        }

        if (words.Length > 0 && Played.TryGetValue(Path.GetFileName(words[0]), out var subcommand))
        {
            words = ["/opt/lab/dotnet/dotnet", "/opt/lab/app/EtcdDr.Lab.dll", subcommand, .. words[1..]];
            // So that none takes the machine's memory; an apiserver that lists a page of large secrets needs more than the others.
            var heap = subcommand == "apiserver" ? "0x40000000" : "0x18000000";
            environment.AddRange([
                "DOTNET_TieredPGO=0",
                "DOTNET_EnableDiagnostics=0",
                "DOTNET_gcServer=0",
                $"DOTNET_GCHeapHardLimit={heap}",
                "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1",
            ]);
        }

        var start = $"""
            cd {Quote(directory)}
            read -r line </proc/$$/stat
            set -- ${"{line##*) }"}
            echo "$$ ${"{20}"}" >pid.new
            date -u +%Y-%m-%dT%H:%M:%S.%NZ >started
            mv pid.new pid
            cd /
            exec env -i {string.Join(' ', environment.Select(Quote))} chroot "$r" {string.Join(' ', words.Select(Quote))}

            """;
        script.Append(start);
    }
}
