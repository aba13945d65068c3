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

    /// <summary>
    /// When a file was changed, and when the processes started that were told to encrypt by it. <c>$1</c>: the file; <c>$2</c>: its path
    /// in the apiserver's container. Prints lines <c>changed SECONDS</c>, <c>now SECONDS</c>, <c>up SECONDS</c> (since boot), <c>ticks
    /// NUMBER</c> (a second), and for each process <c>process TICKS same</c>, <c>other</c> or <c>unknown</c>: its start since boot, and
    /// whether it sees the same file there. A change is any that the file system records: one that is moved there has its old time of
    /// writing.
    /// </summary>
    public static readonly RemoteCommand EncryptionInUse = new(
        "snapshot.encryption-in-use",
        """
        export LC_ALL=C
        file=$1; inside=$2
        changed=$(stat -L -c %.Z -- "$file" 2>/dev/null) && ticks=$(getconf CLK_TCK 2>/dev/null) || exit 0
        own=$(stat -L -c %d:%i -- "$file")
        printf 'changed %s\nnow %s\nup %s\nticks %s\n' "$changed" "$(date +%s.%N)" "$(cut -d ' ' -f 1 /proc/uptime)" "$ticks"
        for process in /proc/[0-9]*; do
          tr '\000' '\n' < "$process/cmdline" 2>/dev/null | grep -Fxq -e "--encryption-provider-config=$inside" || continue
          begun=$(sed 's/.*) //' "$process/stat" 2>/dev/null | cut -d ' ' -f 20)
          if seen=$(stat -L -c %d:%i -- "$process/root$inside" 2>/dev/null); then
            if [ "$seen" = "$own" ]; then sees=same; else sees=other; fi
          else
            sees=unknown
          fi
          [ -z "$begun" ] || echo "process $begun $sees"
        done
        exit 0
        """
    );

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
