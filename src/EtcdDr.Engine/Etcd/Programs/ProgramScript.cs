using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd.Programs;

/// <summary>
/// The pieces of script by which etcd's programs are found, read and run on a node. The one rule behind them: nothing is looked at, and
/// nothing runs, that somebody else than root, or the image that root's manifest names, could have put there.
/// </summary>
internal static class ProgramScript
{
    /// <summary>
    /// <c>bring SOURCE NAME</c>: writes one of etcd's programs to standard output, as data. SOURCE is <c>file:PATH</c>, which must be
    /// root's alone; <c>container:ID/PID</c>, a running container, of which the runtime is asked again once its root is held open, so that
    /// no other process can have taken its process id; <c>image:ID</c>, an image out of containerd's own records, mounted read-only in a
    /// mount namespace that ends with it. In a container or an image the file is read by descriptors and must lie on the same mount as the
    /// root: no link and no volume leads out of it. Wants <c>$endpoint</c>, and the path of <see cref="PathScript.Extend"/>.
    /// </summary>
    public const string Bring =
        ControlPlaneCommands.Crictl
        + """
            within='
                exec 4< "$1" || exit 1
                file=/proc/self/fd/4/usr/local/bin/$2
                [ -f "$file" ] && [ ! -L "$file" ] && exec 3< "$file" || exit 1
                [ "$(sed -n "s/^mnt_id://p" /proc/self/fdinfo/3)" = "$(sed -n "s/^mnt_id://p" /proc/self/fdinfo/4)" ] || exit 1
                cat <&3
            '
            fromcontainer() (
                exec 5< "/proc/${1#*/}/root" || exit 1
                now=$(cri inspect -o go-template --template '{{.status.state}} {{.info.pid}}' "${1%/*}") || exit 1
                [ "$now" = "CONTAINER_RUNNING ${1#*/}" ] || { echo "Container ${1%/*} ended meanwhile." >&2; exit 1; }
                sh -c "$within" sh /proc/self/fd/5 "$2"
            )
            fromimage() (
                ctr=$(command -v ctr) || { echo 'There is no ctr on this node.' >&2; exit 1; }
                ctr=$(owned "$ctr") || { echo "$ctr" >&2; exit 1; }
                address=$endpoint
                if [ -z "$address" ]; then
                    address=$(sed -n "s/^runtime-endpoint: *[\"']*\([^\"' ]*\).*/\1/p" /etc/crictl.yaml 2>/dev/null | head -n 1)
                fi
                mkdir -p /run/etcddr && chmod 700 /run/etcddr && place=$(mktemp -d /run/etcddr/image.XXXXXX) || exit 1
                trap 'rmdir "$place"' EXIT
                trap 'exit 143' TERM INT HUP
                set -- "$1" "$2" "$ctr" ${address:+-a "${address#unix://}"} -n k8s.io
                unshare --mount --propagation private -- sh -c '
                    place=$1; within=$2; image=$3; name=$4; shift 4
                    "$@" images mount "$image" "$place" >/dev/null || exit 1
                    sh -c "$within" sh "$place" "$name"; status=$?
                    "$@" images unmount --rm "$place" >/dev/null
                    exit "$status"
                ' sh "$place" "$within" "$@"
            )
            bring() {
                case $1 in
                    file:*) found=$(owned "${1#file:}") && cat -- "$found" || { echo "$found" >&2; return 1; };;
                    container:*) fromcontainer "${1#container:}" "$2";;
                    image:*) fromimage "${1#image:}" "$2";;
                    *) echo "There is no source $1." >&2; return 1;;
                esac
            }

            """;

    /// <summary>
    /// <c>confined NET ROOM... -- PROGRAM ARGUMENT...</c>: runs a program as a user of its own (<c>$uid</c>, which <c>stranger</c> draws),
    /// without capabilities and new privileges, in namespaces of its own and in a root that holds nothing but the node's /usr, read-only,
    /// and rooms: three words each, <c>ro</c> or <c>rw</c>, a directory or file of the node, the name that it has in there; <c>proc</c>
    /// alone is what the kernel says of the jail's own processes, for a program that looks at itself. NET is
    /// <c>--net</c> for no network, or empty. What is left of it ends with it: the shell waits for it when it is told to end, so that
    /// <c>timeout</c>'s SIGKILL takes both. The user ids lie above those that systemd and containers are given (systemd's
    /// docs/UIDS-GIDS.md).
    /// </summary>
    public const string Confined = """
        jail='
            set -eu; umask 022
            root=$1; uid=$2; shift 2
            mount -t tmpfs -o mode=755,nosuid,nodev,size=1m etcddr "$root"
            bind() { mount --bind "$1" "$2" && mount -o "remount,bind,nosuid,nodev,$3" "$2"; }
            for place in usr lib lib32 lib64 libx32 bin sbin; do
                if [ -L "/$place" ]; then
                    cp -P "/$place" "$root/$place"
                elif [ -d "/$place" ]; then
                    mkdir "$root/$place"; bind "/$place" "$root/$place" ro
                fi
            done
            mkdir "$root/dev"
            for device in null urandom; do : > "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
            while [ "$1" != -- ]; do
                if [ "$1" = proc ]; then
                    mkdir "$root/proc"
                    mount -t proc -o nosuid,nodev,noexec,subset=pid proc "$root/proc" 2>/dev/null ||
                        mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
                    shift
                    continue
                fi
                if [ -d "$2" ]; then mkdir "$root/$3"; else : > "$root/$3"; fi
                bind "$2" "$root/$3" "$1"
                shift 3
            done
            shift
            mount -o remount,ro,nosuid,nodev "$root"
            chroot "$root" setpriv --reuid "$uid" --regid "$uid" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all -- "$@"
            exit "$?"
        '
        trap 'exit 143' TERM INT HUP
        stranger() { uid=$((1879048192 + ($(od -An -N4 -tu4 /dev/urandom) & 16777215))); }
        confined() {
            net=$1; shift
            mkdir -p /run/etcddr && chmod 700 /run/etcddr && box=$(mktemp -d /run/etcddr/jail.XXXXXX) || return 1
            unshare --mount --propagation private --ipc --uts --pid --fork --kill-child $net -- \
                env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C ETCDCTL_API=3 sh -c "$jail" jail "$box" "$uid" "$@"
            status=$?
            rmdir "$box"
            return "$status"
        }

        """;
}
