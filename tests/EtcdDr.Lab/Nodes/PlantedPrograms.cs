namespace EtcdDr.Lab.Nodes;

/// <summary>
/// What somebody who may create a pod on a node can place there, so that tests see that none of it runs as root: a later process called
/// etcd whose root holds etcdutl, etcdctl and etcd, a link out of that root, an unpacked layer with the same, and, as an ordinary user of
/// the node can, programs in a directory of root's path that is that user's. Each leaves a mark on the node when it runs there.
/// </summary>
internal static class PlantedPrograms
{
    private const string Mark = "/var/lib/planted-ran";

    private const string Script = """
        mark=$MARK
        version=$(sed -n 's/.*image: .*etcd:v\{0,1\}\([0-9.]*\).*/\1/p' /etc/kubernetes/manifests/etcd.yaml | head -n 1)
        plant() {
            mkdir -p "$1"
            for name in etcdutl etcdctl etcd; do
                {
                    printf '#!/bin/sh\necho "$0 $*" >> %s\n' "$mark"
                    printf 'echo "%s version: %s"\necho "etcd Version: %s"\n' "$name" "$version" "$version"
                    printf 'echo --bump-revision --data-dir\n'
                } > "$1/$name"
                chmod 755 "$1/$name"
            done
        }
        layer=/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/4711/fs/usr/local/bin
        plant "$layer"
        plant /var/lib/containers/storage/overlay/4711/diff/usr/local/bin
        plant /opt/bin; chown -R opc /opt/bin
        base=/var/lib/tenant
        mkdir -p "$base/layers" "$base/root"
        setsid unshare --mount --propagation private sh -c '
            mount -t tmpfs layers "$1/layers" && mkdir "$1/layers/upper" "$1/layers/work"
            mount -t overlay -o "lowerdir=/,upperdir=$1/layers/upper,workdir=$1/layers/work" root "$1/root" || exit 1
            cp "$2/etcdutl" "$2/etcd" "$1/root/usr/local/bin/"
            ln -s "$2/etcdctl" "$1/root/usr/local/bin/etcdctl"
            printf "#!/bin/sh\nwhile :; do sleep 3600; done\n" > "$1/root/usr/local/bin/etcd"
            exec chroot "$1/root" /usr/local/bin/etcd
        ' sh "$base" "$layer" </dev/null >/dev/null 2>&1 &
        tries=0
        planted() {
            grep -lx etcd /proc/[0-9]*/comm 2>/dev/null |
                while read -r comm; do [ -e "${comm%comm}root/var/lib/tenant" ] && echo found; done | grep -q found
        }
        until planted; do
            tries=$((tries + 1)); [ "$tries" -lt 100 ] || { echo 'The planted etcd did not start.' >&2; exit 1; }
            sleep 0.1
        done
        """;

    /// <summary>Plants them on a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static Task PlantAsync(LabNode node, CancellationToken cancellationToken) =>
        node.RunAsync(Script.Replace("$MARK", Mark, StringComparison.Ordinal), cancellationToken);

    /// <summary>What ran as the node's own: a line each, its path and arguments; empty where none did.</summary>
    public static async Task<string> RanAsync(LabNode node, CancellationToken cancellationToken) =>
        (await node.RunAsync($"cat {Mark} 2>/dev/null || true", cancellationToken)).Trim();
}
