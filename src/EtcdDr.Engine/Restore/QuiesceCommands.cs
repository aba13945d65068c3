using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>What holds the kubelet of a worker while a restored state is quiet, and releases it. Both run as root.</summary>
public static class QuiesceCommands
{
    /// <summary>Where a worker remembers what its kubelet was; root's alone.</summary>
    public const string Directory = "/etc/kubernetes/etcddr";

    /// <summary>
    /// Stops the kubelet and keeps it from starting with the machine, and remembers what it was before. Containers run on: nothing that
    /// the node has from before is stopped. Arguments: the restore, the directory in which it is remembered. Run again, by another
    /// restore too, it keeps what it remembered first.
    /// </summary>
    public static readonly RemoteCommand HoldKubelet = new(
        "restore.hold-kubelet",
        PathScript.Extend
            + """
            set -u; umask 077; id=$1; root=$2; kept=$root/quiesced
            mkdir -p "$root" && chmod 700 "$root" || exit 1
            enabled=$(systemctl is-enabled kubelet 2>/dev/null); active=$(systemctl is-active kubelet 2>/dev/null)
            if [ -f "$kept" ]; then { read -r by; read -r enabled; read -r active; } < "$kept"; fi
            printf '%s\n%s\n%s\n' "$id" "$enabled" "$active" > "$kept.new" && sync "$kept.new" || exit 1
            mv -f "$kept.new" "$kept" && sync "$root" || exit 1
            if [ "$enabled" = enabled ]; then systemctl disable --quiet kubelet || exit 1; fi
            systemctl stop kubelet
            """
    )
    {
        Timeout = TimeSpan.FromMinutes(3),
    };

    /// <summary>
    /// Makes the kubelet what it was before <see cref="HoldKubelet"/>. Arguments: the restore, the directory in which it is remembered.
    /// A node that none holds, or that another restore holds by now, is left as it is; what was done is printed.
    /// </summary>
    public static readonly RemoteCommand ReleaseKubelet = new(
        "restore.release-kubelet",
        PathScript.Extend
            + """
            set -u; id=$1; kept=$2/quiesced
            [ -f "$kept" ] || { echo 'not held'; exit 0; }
            { read -r by; read -r enabled; read -r active; } < "$kept"
            [ "$by" = "$id" ] || { echo "held by restore $by"; exit 0; }
            if [ "$enabled" = enabled ]; then systemctl enable --quiet kubelet || exit 1; fi
            case $active in active | activating | reloading) systemctl start kubelet || exit 1 ;; esac
            rm -f "$kept" && echo released
            """
    )
    {
        Timeout = TimeSpan.FromMinutes(3),
    };
}
