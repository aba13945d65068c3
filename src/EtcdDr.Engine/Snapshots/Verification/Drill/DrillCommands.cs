using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Verification.Drill;

/// <summary>What a drill runs on a node. All as root; nothing outside the drill's own directory is touched.</summary>
public static class DrillCommands
{
    /// <summary>Exit status of <see cref="Run"/>: another drill runs on the node.</summary>
    internal const int Busy = 75;

    /// <summary>Exit status of <see cref="Run"/>: what arrived is not what was sent.</summary>
    internal const int Damaged = 76;

    /// <summary>Exit status of <see cref="Run"/>: there is not enough free space.</summary>
    internal const int NoSpace = 77;

    /// <summary>
    /// Looks for etcd itself, as restore.find-tools looks for what restores: where it is told, on the path, in the root of a running etcd's container, the
    /// running program itself, in the unpacked images of containerd and CRI-O. Argument: a directory (may be empty). Prints lines <c>PATH|VERSION</c>.
    /// </summary>
    public static readonly RemoteCommand FindServers = new("drill.find-servers", """
        PATH=$PATH:/usr/local/sbin:/usr/local/bin:/opt/bin; export PATH
        try() {
            { [ -f "$1" ] && [ -x "$1" ]; } || return 0
            version=$(timeout 10 "$1" --version 2>/dev/null | sed -n 's/^etcd Version: *//p')
            if [ -n "$version" ]; then echo "$1|$version"; fi
        }
        if [ -n "$1" ]; then try "$1/etcd"; fi
        found=$(command -v etcd) && try "$found"
        for process in /proc/[0-9]*; do
            [ "$(cat "$process/comm" 2>/dev/null)" = etcd ] || continue
            try "$process/root/usr/local/bin/etcd"
            try "$process/exe"
            break
        done
        for found in /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/*/fs/usr/local/bin/etcd \
            /var/lib/containers/storage/overlay/*/diff/usr/local/bin/etcd; do
            try "$found"
        done
        exit 0
        """)
    {
        Timeout = TimeSpan.FromMinutes(2),
    };

    /// <summary>
    /// The drill: receives certificate, key and database by standard input into a directory of mode 0700, restores, and serves the result on loopback behind the
    /// certificate for as long as a byte comes at least every 45 seconds; then, and whatever ends it, etcd is ended and the directory removed. What a drill left
    /// that was killed is removed first. Arguments: directory for drills, name of this one, the lengths of certificate, key and database, SHA-256 of the
    /// database, restore tool, etcd, free bytes needed, <c>check</c> or <c>nocheck</c> of the hash that etcd appends, seconds after which etcd ends by itself. Status 75:
    /// another drill runs there; 76: what arrived is not what was sent; 77: not enough space.
    /// </summary>
    public static readonly RemoteCommand Run = new("drill.run", """
        set -u; umask 077
        root=$1; directory=$1/$2; crt=$3; key=$4; size=$5; sum=$6; tool=$7; etcd=$8; need=$9; shift 9; hash=$1; seconds=$2
        mkdir -p /run/etcddr "$root" && chmod 700 /run/etcddr "$root" || exit 1
        exec 9>>/run/etcddr/drill.lock || exit 1
        flock -n 9 || { echo 'Another drill runs on this node.' >&2; exit 75; }
        finish() {
            if [ -f "$1/etcd.pid" ]; then
                group=$(cat "$1/etcd.pid")
                if [ -n "$group" ] && tr '\0' '\n' < "/proc/$group/cmdline" 2>/dev/null | grep -qxF -e "$1/data"; then
                    kill -s KILL -- "-$group"
                    tries=0
                    while kill -s 0 -- "-$group" 2>/dev/null && [ "$tries" -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
                fi
            fi
            rm -rf "$1"
        }
        for old in "$root"/*/; do
            if [ -d "$old" ]; then finish "${old%/}" || exit 1; fi
        done
        mkdir "$directory" || exit 1
        trap 'finish "$directory" && { rmdir "$root" 2>/dev/null || true; }' EXIT
        trap 'exit 143' TERM INT HUP
        free=$(df -P -B1 "$directory" | awk 'NR==2 {print $4}')
        [ "$free" -ge "$need" ] || { echo "$root has $free bytes free." >&2; exit 77; }
        head -c "$crt" > "$directory/drill.crt" && head -c "$key" > "$directory/drill.key" && head -c "$size" > "$directory/snapshot.db" || exit 1
        got=$(sha256sum < "$directory/snapshot.db") || exit 1
        [ "${got%% *}" = "$sum" ] || { echo "The database that arrived has SHA-256 ${got%% *}." >&2; exit 76; }
        port() {
            while :; do
                free=$((10000 + $(od -An -N2 -tu2 /dev/urandom) % 20000))
                grep -q ":$(printf '%04X' "$free") [0-9A-F]*:[0-9A-F]* 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null || break
            done
            echo "$free"
        }
        client=$(port); peer=$(port)
        while [ "$peer" = "$client" ]; do peer=$(port); done
        if [ "$hash" = nocheck ]; then skip=true; else skip=false; fi
        env -i PATH="$PATH" ETCDCTL_API=3 nice -n 10 "$tool" snapshot restore "$directory/snapshot.db" --name drill --data-dir "$directory/data" \
            --initial-cluster "drill=https://127.0.0.1:$peer" --initial-advertise-peer-urls "https://127.0.0.1:$peer" --skip-hash-check=$skip >&2 </dev/null 9>&- || exit 1
        rm -f "$directory/snapshot.db"
        set -- --name drill --data-dir "$directory/data" --initial-cluster "drill=https://127.0.0.1:$peer" --log-level error --quota-backend-bytes 8589934592
        for kind in client peer; do
            eval "url=https://127.0.0.1:\$$kind"
            if [ "$kind" = client ]; then prefix=; set -- "$@" --advertise-client-urls "$url"; else prefix=peer-; set -- "$@" --initial-advertise-peer-urls "$url"; fi
            set -- "$@" --listen-$kind-urls "$url" "--${prefix}cert-file" "$directory/drill.crt" "--${prefix}key-file" "$directory/drill.key" \
                "--${prefix}trusted-ca-file" "$directory/drill.crt" "--${prefix}client-cert-auth"
        done
        env -i PATH="$PATH" timeout -s KILL "$seconds" nice -n 10 "$etcd" "$@" > "$directory/etcd.log" 2>&1 </dev/null 9>&- &
        echo "$!" > "$directory/etcd.pid" && echo "serving $client" > "$directory/state" || exit 1
        while [ -n "$(timeout 45 dd bs=1 count=1 2>/dev/null 9>&-)" ]; do :; done
        """)
    {
        AcceptedStatuses = [Busy, Damaged, NoSpace],
        Timeout = TimeSpan.FromHours(2),
    };

    /// <summary>
    /// Tells how far a drill is. Argument: its directory. Prints nothing before etcd was started, then <c>serving PORT</c>, and once etcd has ended, a line <c>ended</c>
    /// and the last that it wrote.
    /// </summary>
    public static readonly RemoteCommand State = new("drill.state", """
        [ -f "$1/state" ] || exit 0
        cat "$1/state"
        pid=$(cat "$1/etcd.pid")
        readlink "/proc/$pid/exe" >/dev/null || { echo ended; tail -n 3 "$1/etcd.log"; }
        """);
}
