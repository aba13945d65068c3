using EtcdDr.Engine.Etcd.Programs;
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
    /// The drill: receives certificate, key and database by standard input into a directory of mode 0700, restores, and serves the result
    /// on loopback behind the certificate for as long as a byte comes at least every 45 seconds; then, and whatever ends it, etcd is ended
    /// and the directory removed. What a drill left that was killed is removed first. Arguments: directory for drills, name of this one,
    /// the lengths of certificate, key and database, SHA-256 of the database, runtime endpoint (may be empty), source and name of the
    /// restore tool, source of etcd, <c>jail</c> or <c>root</c>, free bytes needed, <c>check</c> or <c>nocheck</c> of the hash that etcd
    /// appends, seconds after which etcd ends by itself. Both programs are copied into the directory and run in a jail (the server with the
    /// node's network, since it must be reached on loopback); only where the node has none they run as root. Status 75: another drill runs
    /// there; 76: what arrived is not what was sent; 77: not enough space.
    /// </summary>
    public static readonly RemoteCommand Run = new(
        "drill.run",
        PathScript.Extend
            + ProgramScript.Bring
            + ProgramScript.Confined
            + """
            set -u; umask 077
            root=$1; directory=$1/$2; crt=$3; key=$4; size=$5; sum=$6; endpoint=$7; tool=$8; name=$9; shift 9
            etcd=$1; how=$2; need=$3; hash=$4; seconds=$5
            mkdir -p /run/etcddr "$root" && chmod 700 /run/etcddr "$root" || exit 1
            exec 9>>/run/etcddr/drill.lock || exit 1
            flock -n 9 || { echo 'Another drill runs on this node.' >&2; exit 75; }
            finish() {
                if [ -f "$1/etcd.pid" ]; then
                    group=$(cat "$1/etcd.pid")
                    if [ -n "$group" ] && tr '\0' '\n' < "/proc/$group/cmdline" 2>/dev/null | grep -qF -e "$1/"; then
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
            head -c "$crt" > "$directory/drill.crt" && head -c "$key" > "$directory/drill.key" || exit 1
            head -c "$size" > "$directory/snapshot.db" || exit 1
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
            bring "$tool" "$name" > "$directory/$name" && bring "$etcd" etcd > "$directory/etcd" || exit 1
            chmod 755 "$directory/$name" "$directory/etcd" || exit 1
            stranger
            mkdir "$directory/out" && chown "$uid:$uid" "$directory/out" || exit 1
            chgrp "$uid" "$directory"/drill.* "$directory/snapshot.db" || exit 1
            chmod 640 "$directory"/drill.* "$directory/snapshot.db" || exit 1
            set -- --name drill --initial-cluster "drill=https://127.0.0.1:$peer" \
                --initial-advertise-peer-urls "https://127.0.0.1:$peer" --skip-hash-check=$skip
            if [ "$how" = root ]; then
                keys=$directory
                set -- snapshot restore "$directory/snapshot.db" "$@" --data-dir "$directory/out/data"
                env -i PATH="$PATH" ETCDCTL_API=3 nice -n 10 "$directory/$name" "$@" >&2 </dev/null 9>&- || exit 1
            else
                keys=
                confined --net ro "$directory/$name" "$name" ro "$directory/snapshot.db" snapshot.db rw "$directory/out" out -- \
                    nice -n 10 "/$name" snapshot restore /snapshot.db "$@" --data-dir /out/data >&2 </dev/null 9>&- || exit 1
            fi
            rm -f "$directory/snapshot.db"
            set -- --name drill --initial-cluster "drill=https://127.0.0.1:$peer" --log-level error --quota-backend-bytes 8589934592
            for kind in client peer; do
                eval "url=https://127.0.0.1:\$$kind"
                if [ "$kind" = client ]; then
                    prefix=; set -- "$@" --advertise-client-urls "$url"
                else
                    prefix=peer-; set -- "$@" --initial-advertise-peer-urls "$url"
                fi
                set -- "$@" --listen-$kind-urls "$url" "--${prefix}cert-file" "$keys/drill.crt" "--${prefix}key-file" "$keys/drill.key" \
                    "--${prefix}trusted-ca-file" "$keys/drill.crt" "--${prefix}client-cert-auth"
            done
            if [ "$how" = root ]; then
                env -i PATH="$PATH" timeout -s KILL "$seconds" nice -n 10 "$directory/etcd" "$@" --data-dir "$directory/out/data" \
                    > "$directory/etcd.log" 2>&1 </dev/null 9>&- &
            else
                box=$directory/box; mkdir "$box" || exit 1
                timeout -s KILL "$seconds" unshare --mount --propagation private --ipc --uts --pid --fork --kill-child -- \
                    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin sh -c "$jail" jail "$box" "$uid" ro "$directory/etcd" etcd \
                    ro "$directory/drill.crt" drill.crt ro "$directory/drill.key" drill.key rw "$directory/out" out -- \
                    nice -n 10 /etcd "$@" --data-dir /out/data > "$directory/etcd.log" 2>&1 </dev/null 9>&- &
            fi
            echo "$!" > "$directory/etcd.pid" && echo "serving $client" > "$directory/state" || exit 1
            while [ -n "$(timeout 45 dd bs=1 count=1 2>/dev/null 9>&-)" ]; do :; done
            """
    )
    {
        AcceptedStatuses = [Busy, Damaged, NoSpace],
        Timeout = TimeSpan.FromHours(2),
    };

    /// <summary>
    /// Says how far a drill is. Argument: its directory. Prints nothing before etcd was started, then <c>serving PORT</c>, and once etcd
    /// has ended, a line <c>ended</c>
    /// and the last that it wrote.
    /// </summary>
    public static readonly RemoteCommand State = new(
        "drill.state",
        """
        [ -f "$1/state" ] || exit 0
        cat "$1/state"
        pid=$(cat "$1/etcd.pid")
        readlink "/proc/$pid/exe" >/dev/null || { echo ended; tail -n 3 "$1/etcd.log"; }
        """
    );
}
