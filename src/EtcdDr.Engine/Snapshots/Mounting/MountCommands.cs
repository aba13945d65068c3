using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>What a mount runs on a node. All as root; nothing outside the mount's own directories is touched.</summary>
public static class MountCommands
{
    /// <summary>Exit status of <see cref="Run"/>: another snapshot is mounted on the node.</summary>
    internal const int Busy = 75;

    /// <summary>Exit status of <see cref="Run"/>: what arrived is not what was sent.</summary>
    internal const int Damaged = 76;

    /// <summary>Exit status of <see cref="Run"/>: there is not enough free space.</summary>
    internal const int NoSpace = 77;

    /// <summary>Exit status of <see cref="Run"/>: there is not enough free memory.</summary>
    internal const int NoMemory = 78;

    /// <summary>How long a mount lives at most.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>
    /// <c>finish DIRECTORY RUN</c>: ends the programs of a mount and removes all that it made. A process counts only where its command line
    /// names the mount's directory. <c>alive RUN</c>: whether the script that holds the mount runs, known by its id and its start.
    /// </summary>
    private const string Ending = """
        started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }
        alive() {
            [ -f "$1/shell" ] && read -r shell since < "$1/shell" && [ -n "$since" ] && [ "$(started "$shell")" = "$since" ]
        }
        finish() {
            for file in "$2"/*.pid; do
                [ -f "$file" ] || continue
                group=$(cat "$file")
                if [ -n "$group" ] && tr '\0' '\n' < "/proc/$group/cmdline" 2>/dev/null | grep -qF -e "$1/"; then
                    kill -s KILL -- "-$group"
                    tries=0
                    while kill -s 0 -- "-$group" 2>/dev/null && [ "$tries" -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
                fi
            done
            for group in "/sys/fs/cgroup/etcddr-${1##*/}" /sys/fs/cgroup/*/"etcddr-${1##*/}"; do
                if [ -d "$group" ]; then rmdir "$group"; fi
            done
            rm -rf "$1" "$2"
        }

        """;

    /// <summary>
    /// The mount: receives its small files and the database by standard input, restores the database, and serves it by a throwaway etcd and
    /// a throwaway kube-apiserver on loopback for as long as a byte comes at least every 45 seconds; then, and whatever ends it, both are
    /// ended and all is removed. What a mount left that was killed is removed first. Arguments: directory for mounts, name of this one,
    /// what it is (for <see cref="List"/>), names and lengths of the small files (<c>NAME:BYTES</c>, parted by spaces), length and SHA-256
    /// of the database, runtime endpoint (may be empty), source and name of the restore tool, source of etcd, source of kube-apiserver,
    /// free bytes needed on disk, bytes of memory that both may use, <c>check</c> or <c>nocheck</c> of the hash that etcd appends, seconds
    /// after which both end by themselves, and the apiserver's flags. The programs run in jails of one user id that no one else has, on low
    /// priority, first to go where memory runs out, in a control group with limits where the node's are to be had; small files lie in
    /// memory. Status 75: another snapshot is mounted there; 76: what arrived is not what was sent; 77: not enough space; 78: not enough
    /// memory.
    /// </summary>
    public static readonly RemoteCommand Run = new(
        "mount.run",
        PathScript.Extend
            + ProgramScript.Bring
            + ProgramScript.Confined
            + Ending
            + """
            set -u; umask 077
            root=$1; directory=$1/$2; run=/run/etcddr/mount/$2; about=$3; files=$4; size=$5; sum=$6; endpoint=$7; tool=$8; name=$9; shift 9
            etcd=$1; apiserver=$2; need=$3; memory=$4; hash=$5; seconds=$6; shift 6
            mkdir -p /run/etcddr/mount "$root" && chmod 700 /run/etcddr /run/etcddr/mount "$root" || exit 1
            exec 9>>/run/etcddr/mount.lock || exit 1
            flock -n 9 || { echo 'Another snapshot is mounted on this node.' >&2; exit 75; }
            for old in "$root"/*/ /run/etcddr/mount/*/; do
                old=${old%/}; old=${old##*/}
                if [ -d "$root/$old" ] || [ -d "/run/etcddr/mount/$old" ]; then finish "$root/$old" "/run/etcddr/mount/$old" || exit 1; fi
            done
            mkdir "$directory" "$run" || exit 1
            beat=
            trap 'finish "$directory" "$run" && { rmdir "$root" 2>/dev/null || true; }; [ -z "$beat" ] || kill "$beat" 2>/dev/null' EXIT
            trap 'exit 143' TERM INT HUP
            printf '%s' "$about" > "$run/about" && printf '%s %s\n' "$$" "$(started "$$")" > "$run/shell" || exit 1
            free=$(df -P -B1 "$directory" | awk 'NR==2 {print $4}')
            [ "$free" -ge "$need" ] || { echo "$root has $free bytes free." >&2; exit 77; }
            free=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo); free=$((${free:-0} * 1024))
            [ "$free" -ge "$memory" ] || { echo "The node has $free bytes of memory available." >&2; exit 78; }
            stranger
            for file in $files; do
                head -c "${file#*:}" > "$run/${file%:*}" && chgrp "$uid" "$run/${file%:*}" && chmod 640 "$run/${file%:*}" || exit 1
            done
            head -c "$size" > "$directory/snapshot.db" || exit 1
            got=$(sha256sum < "$directory/snapshot.db") || exit 1
            [ "${got%% *}" = "$sum" ] || { echo "The database that arrived has SHA-256 ${got%% *}." >&2; exit 76; }
            bring "$tool" "$name" > "$directory/$name" && bring "$etcd" etcd > "$directory/etcd" &&
                bring "$apiserver" kube-apiserver > "$directory/kube-apiserver" || exit 1
            chmod 755 "$directory/$name" "$directory/etcd" "$directory/kube-apiserver" || exit 1
            mkdir "$directory/out" && chown "$uid:$uid" "$directory/out" || exit 1
            chgrp "$uid" "$directory/snapshot.db" && chmod 640 "$directory/snapshot.db" || exit 1
            taken=' '
            port() {
                while :; do
                    port=$((10000 + $(od -An -N2 -tu2 /dev/urandom) % 20000))
                    case $taken in *" $port "*) continue;; esac
                    grep -q ":$(printf '%04X' "$port") [0-9A-F]*:[0-9A-F]* 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null || break
                done
                taken="$taken$port "
            }
            port; client=$port; port; peer=$port; port; api=$port
            if [ "$hash" = nocheck ]; then skip=true; else skip=false; fi
            confined --net ro "$directory/$name" "$name" ro "$directory/snapshot.db" snapshot.db rw "$directory/out" out -- \
                nice -n 10 "/$name" snapshot restore /snapshot.db --name mount --initial-cluster "mount=https://127.0.0.1:$peer" \
                --initial-advertise-peer-urls "https://127.0.0.1:$peer" --skip-hash-check=$skip --data-dir /out/data \
                >&2 </dev/null 9>&- || exit 1
            rm -f "$directory/snapshot.db"
            groups=
            bounded() {
                mkdir "$1" 2>/dev/null || return 0
                if [ -e "$1/$2" ] && echo "$3" > "$1/$2" && { [ -z "${4-}" ] || echo "$5" > "$1/$4"; }; then
                    groups="$groups $1"
                else
                    rmdir "$1"
                fi
            }
            place=/sys/fs/cgroup
            if [ -e "$place/cgroup.controllers" ]; then
                bounded "$place/etcddr-${directory##*/}" memory.max "$memory" cpu.max '100000 100000'
            else
                bounded "$place/memory/etcddr-${directory##*/}" memory.limit_in_bytes "$memory"
                bounded "$place/cpu/etcddr-${directory##*/}" cpu.cfs_quota_us 100000
            fi
            tied='setpriv --pdeathsig KILL'
            $tied true 2>/dev/null || tied=
            # Whoever is tied after its parent has ended is told of no end: it has another parent by then.
            child='[ "$PPID" = "$1" ] || exit 1; shift; exec "$@"'
            timed='limit=$1; shift; exec timeout -s KILL "$limit" $tied sh -c "$child" sh "$$" "$@"'
            export tied child
            serve() {
                part=$1; shift
                mkdir "$directory/$part.box" || exit 1
                (
                    for group in $groups; do echo 0 > "$group/cgroup.procs" || exit 1; done
                    echo 1000 > /proc/self/oom_score_adj
                    exec $tied sh -c "$child" sh "$$" sh -c "$timed" sh "$seconds" \
                        unshare --mount --propagation private --ipc --uts --pid --fork --kill-child -- \
                        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C sh -c "$jail" jail "$directory/$part.box" "$uid" \
                        ro "$run/ca.crt" ca.crt ro "$run/mount.crt" mount.crt ro "$run/mount.key" mount.key "$@"
                ) > "$directory/$part.log" 2>&1 </dev/null 9>&- &
                echo "$!" > "$run/$part.pid" || exit 1
            }
            serve etcd ro "$directory/etcd" etcd rw "$directory/out" out -- \
                nice -n 10 env GOMAXPROCS=1 GOMEMLIMIT=$((memory / 4)) /etcd --name mount --data-dir /out/data --log-level error \
                --quota-backend-bytes 8589934592 --initial-cluster "mount=https://127.0.0.1:$peer" \
                --listen-client-urls "https://127.0.0.1:$client" --advertise-client-urls "https://127.0.0.1:$client" \
                --listen-peer-urls "https://127.0.0.1:$peer" --initial-advertise-peer-urls "https://127.0.0.1:$peer" \
                --cert-file /mount.crt --key-file /mount.key --trusted-ca-file /ca.crt --client-cert-auth \
                --peer-cert-file /mount.crt --peer-key-file /mount.key --peer-trusted-ca-file /ca.crt --peer-client-cert-auth
            set -- -- nice -n 10 env GOMAXPROCS=1 GOMEMLIMIT=$((memory / 2)) /kube-apiserver \
                "--etcd-servers=https://127.0.0.1:$client" "--secure-port=$api" "$@"
            for file in $files; do
                case ${file%:*} in ca.crt|mount.*) ;; *) set -- ro "$run/${file%:*}" "${file%:*}" "$@";; esac
            done
            serve apiserver ro "$directory/kube-apiserver" kube-apiserver proc "$@"
            echo "serving $api${groups:+ limited}" > "$run/state" || exit 1
            exec 8<&0
            (
                while [ -n "$(timeout 45 dd bs=1 count=1 2>/dev/null <&8)" ]; do :; done
                kill -s 0 "$$" 2>/dev/null || finish "$directory" "$run"
            ) 9>&- &
            beat=$!
            wait "$beat"
            """
    )
    {
        AcceptedStatuses = [Busy, Damaged, NoSpace, NoMemory],
        Timeout = Longest,
    };

    /// <summary>
    /// Says how far a mount is. Arguments: directory for mounts, its name. Prints nothing before both programs were started, then
    /// <c>serving PORT</c>, with the word <c>limited</c> where a control group bounds them, and for one that has ended a line <c>ended
    /// PROGRAM</c> and the last that it wrote.
    /// </summary>
    public static readonly RemoteCommand State = new(
        "mount.state",
        """
        run=/run/etcddr/mount/$2
        [ -f "$run/state" ] || exit 0
        cat "$run/state"
        for part in etcd apiserver; do
            readlink "/proc/$(cat "$run/$part.pid")/exe" >/dev/null || { echo "ended $part"; tail -n 3 "$1/$2/$part.log"; }
        done
        exit 0
        """
    );

    /// <summary>
    /// Lists what is mounted on the node, or was left there by a mount that was killed. Prints lines <c>mount NAME STATE ABOUT</c>: the
    /// state is <c>held</c> or <c>left</c>, what it is comes in base64.
    /// </summary>
    public static readonly RemoteCommand List = new(
        "mount.list",
        Ending
            + """
            for run in /run/etcddr/mount/*/; do
                run=${run%/}
                [ -f "$run/about" ] || continue
                if alive "$run"; then state=held; else state=left; fi
                printf 'mount %s %s %s\n' "${run##*/}" "$state" "$(base64 -w0 < "$run/about")"
            done
            exit 0
            """
    );

    /// <summary>
    /// Ends a mount, whoever holds it, and removes what is left of it. Arguments: directory for mounts, its name. The script that holds it
    /// is told to end and does so itself; it is killed where it does not.
    /// </summary>
    public static readonly RemoteCommand End = new(
        "mount.end",
        Ending
            + """
            root=$1; run=/run/etcddr/mount/$2
            case $2 in mount-*[!0-9a-f]*) exit 1;; mount-?*) ;; *) exit 1;; esac
            if alive "$run"; then kill -s TERM "$shell"; fi
            end=$(($(date +%s) + 30))
            while alive "$run" && [ "$(date +%s)" -lt "$end" ]; do sleep 0.1; done
            if alive "$run"; then kill -s KILL "$shell" || exit 1; fi
            finish "$root/$2" "$run" || exit 1
            rmdir "$root" 2>/dev/null || true
            """
    );

    /// <summary>Says which image of the node a name stands for. Arguments: runtime endpoint (may be empty), the name. Prints its id and
    /// digests, or nothing.</summary>
    public static readonly RemoteCommand FindImage = new(
        "mount.find-image",
        PathScript.Extend
            + ControlPlaneCommands.Crictl
            + """
            endpoint=$1
            [ -n "$crictl" ] || { echo "$unsound" >&2; exit 1; }
            cri inspecti -o go-template --template '{{.status.id}}{{range .status.repoDigests}} {{.}}{{end}}' "$2" 2>/dev/null || true
            """
    );
}
