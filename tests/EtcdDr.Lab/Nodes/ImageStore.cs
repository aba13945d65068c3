using System.Text.Json.Nodes;
using EtcdDr.Lab.Kubeadm;
using EtcdDr.Lab.Packages;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Nodes;

/// <summary>The container images that the nodes "have". etcd's is distroless, as the real one: its tools and the C library, no
/// shell.</summary>
internal static class ImageStore
{
    private const string PlayedPrograms = "/usr/lib/etcddr-lab";

    // What is in /usr of this machine is in /usr of its nodes.
    private static string PlayedDotnet =>
        LabProgram.DotnetDirectory.StartsWith("/usr/", StringComparison.Ordinal) ? LabProgram.DotnetDirectory : $"{PlayedPrograms}/dotnet";

    /// <summary>Puts what the image's kube-apiserver needs into a node's /usr.</summary>
    /// <param name="directory">The lab's directory.</param>
    /// <param name="seed">The node's files for its first boot.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static Task SeedAsync(string directory, string seed, CancellationToken cancellationToken)
    {
        const string script = """
            mkdir -p "$3"
            cp -a "$1" "$3/app"
            case $2 in /usr/*) ;; *) cp -a "$2" "$3/dotnet";; esac
            chown -R 0:0 "$3"
            """;
        return Tool.ShellAsync(
            script,
            [Path.Combine(directory, "app"), LabProgram.DotnetDirectory, $"{seed}{PlayedPrograms}"],
            cancellationToken
        );
    }

    /// <summary>Makes the store in a directory; gives its path.</summary>
    public static async Task<string> CreateAsync(
        string directory,
        ClusterLayout cluster,
        string etcdPrograms,
        CancellationToken cancellationToken
    )
    {
        var store = Directory.CreateDirectory(Path.Combine(directory, "images")).FullName;
        var etcd = await EtcdImageAsync(etcdPrograms, cancellationToken);
        // Hard links where the cache is on the same file system: the image is read-only.
        await Tool.ShellAsync(
            "cp -al \"$1\" \"$2\" 2>/dev/null || { rm -rf \"$2\"; cp -a \"$1\" \"$2\"; }",
            [etcd, Path.Combine(store, "etcd")],
            cancellationToken
        );
        await ApiServerImageAsync(Path.Combine(store, "kube-apiserver"), cancellationToken);
        var played = new[]
        {
            $"kube-controller-manager:{cluster.KubernetesVersion}",
            $"kube-scheduler:{cluster.KubernetesVersion}",
            $"kube-proxy:{cluster.KubernetesVersion}",
            "coredns/coredns:v1.13.1",
            "pause:3.10.1",
        };
        var list = new JsonArray([
            new JsonObject { ["image"] = cluster.EtcdImage, ["rootfs"] = "/opt/lab/images/etcd" },
            new JsonObject
            {
                ["image"] = $"registry.k8s.io/kube-apiserver:{cluster.KubernetesVersion}",
                ["rootfs"] = "/opt/lab/images/kube-apiserver",
            },
            .. played.Select(image => new JsonObject { ["image"] = $"registry.k8s.io/{image}", ["rootfs"] = "/" }),
        ]);
        await File.WriteAllTextAsync(Path.Combine(store, "images.json"), list.ToJsonString(), cancellationToken);
        return store;
    }

    /// <summary>The played apiserver as a program of its image, which runs wherever a node's /usr is, as the real one runs
    /// anywhere.</summary>
    private static async Task ApiServerImageAsync(string image, CancellationToken cancellationToken)
    {
        var directory = Directory.CreateDirectory(Path.Combine(image, "usr/local/bin")).FullName;
        var program = Path.Combine(directory, "kube-apiserver");
        var text = $"""
            #!/bin/sh
            export HOME=/nonexistent DOTNET_TieredPGO=0 DOTNET_EnableDiagnostics=0 DOTNET_gcServer=0 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
            export DOTNET_GCHeapHardLimit=0x40000000
            exec {Path.Combine(PlayedDotnet, "dotnet")} {PlayedPrograms}/app/EtcdDr.Lab.dll apiserver "$@"

            """;
        await File.WriteAllTextAsync(program, text, cancellationToken);
        File.SetUnixFileMode(program, (UnixFileMode)0x1ED);
    }

    private static async Task<string> EtcdImageAsync(string programs, CancellationToken cancellationToken)
    {
        var image = Path.Combine(LabCache.Directory, Path.GetFileName(programs) + "-image");
        using var alone = await LabCache.LockAsync(cancellationToken);
        if (!Directory.Exists(image))
        {
            const string script = """
                programs=$1 image=$2
                rm -rf "$image.new"
                mkdir -p "$image.new/usr/local/bin" "$image.new/etc" "$image.new/tmp"
                cp "$programs"/* "$image.new/usr/local/bin/"
                printf 'root:x:0:0:root:/root:/sbin/nologin\n' > "$image.new/etc/passwd"
                printf 'hosts: files dns\n' > "$image.new/etc/nsswitch.conf"
                ldd "$programs/etcd" | grep -o '/[^ ]*' | while read -r library; do
                    mkdir -p "$image.new$(dirname "$library")"
                    cp -L "$library" "$image.new$library"
                done
                mv "$image.new" "$image"
                """;
            await Tool.ShellAsync(script, [programs, image], cancellationToken);
        }

        return image;
    }
}
