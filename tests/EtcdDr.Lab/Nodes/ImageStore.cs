using System.Text.Json.Nodes;
using EtcdDr.Lab.Kubeadm;
using EtcdDr.Lab.Packages;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab.Nodes;

/// <summary>The container images that the nodes "have". etcd's is distroless, as the real one: its tools and the C library, no
/// shell.</summary>
internal static class ImageStore
{
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
        var played = new[]
        {
            $"kube-apiserver:{cluster.KubernetesVersion}",
            $"kube-controller-manager:{cluster.KubernetesVersion}",
            $"kube-scheduler:{cluster.KubernetesVersion}",
            $"kube-proxy:{cluster.KubernetesVersion}",
            "coredns/coredns:v1.13.1",
            "pause:3.10.1",
        };
        var list = new JsonArray([
            new JsonObject { ["image"] = cluster.EtcdImage, ["rootfs"] = "/opt/lab/images/etcd" },
            .. played.Select(image => new JsonObject { ["image"] = $"registry.k8s.io/{image}", ["rootfs"] = "/" }),
        ]);
        await File.WriteAllTextAsync(Path.Combine(store, "images.json"), list.ToJsonString(), cancellationToken);
        return store;
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
