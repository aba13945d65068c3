using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots;

/// <summary>What taking a snapshot runs on nodes.</summary>
public static class SnapshotCommands
{
    /// <summary>Exit status of <see cref="Archive"/>: none of the paths exists, so nothing was written.</summary>
    internal const int NothingThere = 3;

    /// <summary>Exit status of tar: a file changed while it was read, so the archive holds one of its states.</summary>
    internal const int Changed = 1;

    /// <summary>
    /// Writes a gzip'd tar archive of what exists of some paths (<c>$2</c> and on, relative to the directory <c>$1</c>) to standard output.
    /// Leaves out what EtcdDr's restores and kubeadm's upgrades keep below /etc/kubernetes: copies of whole databases can be among it.
    /// </summary>
    public static readonly RemoteCommand Archive = new(
        "snapshot.archive",
        """
        root=$1; shift
        for path in "$@"; do
          shift
          if [ -e "$root/$path" ]; then set -- "$@" "$path"; fi
        done
        [ $# -gt 0 ] || exit 3
        exec tar -C "$root" --exclude=etc/kubernetes/etcddr --exclude=etc/kubernetes/tmp -czf - -- "$@"
        """
    )
    {
        Timeout = TimeSpan.FromMinutes(5),
        AcceptedStatuses = [NothingThere, Changed],
        OutputIsSecret = true,
    };

    /// <summary>SHA-256 of key files, to compare them between nodes without bringing them. <c>$1</c> and on: the files. Prints a line each,
    /// <c>missing</c> for one that is not there.</summary>
    public static readonly RemoteCommand KeySums = new(
        "snapshot.key-sums",
        """
        for file; do
          if [ -f "$file" ]; then sum=$(sha256sum < "$file") || exit 1; echo "${sum%% *}"; else echo missing; fi
        done
        """
    )
    {
        OutputIsSecret = true,
    };
}
