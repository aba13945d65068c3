using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd.Programs;

/// <summary>Commands that look for etcd's programs on a node and read them. All run as root, and run none of what they find outside of a
/// jail.</summary>
public static class ProgramCommands
{
    /// <summary>
    /// The script that asks the container runtime for the containers called etcd in kube-system, and for the pods there: the text of
    /// <c>crictl ps</c>, <c>crictl pods</c> and <c>crictl inspect</c> of each container, as JSON in base64, a line each that begins with
    /// <c>ps</c>, <c>pods</c> or <c>inspect</c>. Nothing where crictl is not there or is not root's alone; <c>programs.look</c> says why.
    /// </summary>
    internal const string ContainersScript =
        PathScript.Extend
        + ControlPlaneCommands.Crictl
        + """
            [ -n "$crictl" ] || exit 0
            say() { printf '%s %s\n' "$1" "$(printf '%s' "$2" | base64 -w0)"; }
            them='--state running --label io.kubernetes.container.name=etcd --label io.kubernetes.pod.namespace=kube-system'
            list=$(cri ps -o json $them 2>/dev/null) || exit 0
            pods=$(cri pods -o json --state ready --namespace '^kube-system$' 2>/dev/null) || exit 0
            say ps "$list"; say pods "$pods"
            for id in $(cri ps -q $them 2>/dev/null); do one=$(cri inspect -o json "$id" 2>/dev/null) && say inspect "$one"; done
            exit 0
            """;

    /// <summary>
    /// Looks for etcd, etcdutl and etcdctl as data. Arguments: runtime endpoint (may be empty), the image that etcd's manifest names, the
    /// container that the kubelet runs from it as <c>ID/PID</c> (empty where none runs), the profile's path (may be empty; a program, or a
    /// directory of them). Prints lines <c>jail yes</c>, <c>jail none</c> or <c>jail failed WHY</c>; <c>image ID DIGEST...</c>; <c>program
    /// NAME SOURCE SIGNS</c>, source and signs in base64, the signs being what the file or the package manager say of its version;
    /// <c>refused WHY</c>; each WHY in base64.
    /// </summary>
    public static readonly RemoteCommand Look = new(
        "programs.look",
        PathScript.Extend
            + ProgramScript.Bring
            + ProgramScript.Confined
            + """
            endpoint=$1; image=$2; container=$3; named=$4
            stranger
            coded() { printf '%s' "$1" | base64 -w0; }
            jail_works=no
            if ! command -v unshare >/dev/null 2>&1 || ! command -v setpriv >/dev/null 2>&1; then
                echo 'jail none'
            elif why=$(confined --net -- true 2>&1); then
                jail_works=yes; echo 'jail yes'
            else
                echo "jail failed $(coded "$why")"
            fi
            tab=$(printf '\t')
            signs() {
                module="(mod|dep)${tab}go\.etcd\.io/etcd[^${tab}]*${tab}v[0-9]+\.[0-9]+\.[0-9]+[-+.0-9A-Za-z]*"
                grep -aoE "$module|^etcddr-missing\$" | head -n 20
            }
            packaged() {
                if command -v dpkg-query >/dev/null 2>&1 && owner=$(dpkg-query -S "$1" 2>/dev/null); then
                    dpkg-query -W -f "package${tab}\${Version}\n" "${owner%%: *}" 2>/dev/null
                elif command -v rpm >/dev/null 2>&1; then
                    rpm -qf --qf "package${tab}%{VERSION}\n" "$1" 2>/dev/null
                fi
            }
            asked() {
                [ "$jail_works" = yes ] || return 0
                if [ "$2" = etcd ]; then set -- "$1" --version; else set -- "$1" version; fi
                confined --net ro "$1" program -- timeout -k 1 10 /program "$2" 2>/dev/null |
                    sed -n "s/^etcd[a-z]* [Vv]ersion: */asked${tab}/p" | head -n 1
            }
            tell() { printf 'program %s %s %s\n' "$1" "$(coded "$2")" "$(coded "$3")"; }
            inside() {
                said=$({ bring "$1" "$2" 2>/dev/null || echo etcddr-missing; } | signs)
                case $said in
                    *etcddr-missing*)
                        if [ "$2" = etcd ]; then
                            why=$(bring "$1" "$2" 2>&1 >/dev/null | tail -n 1)
                            echo "refused $(coded "The etcd of the manifest's image cannot be read: $why")"
                        fi
                        return 0;;
                esac
                tell "$2" "$1" "$said"
            }
            file() {
                [ -e "$2" ] || return 0
                found=$(owned "$2") || { echo "refused $(coded "$found")"; return 0; }
                said=$(signs < "$found"); said=${said:-$(packaged "$found")}; said=${said:-$(asked "$found" "$1")}
                tell "$1" "file:$found" "$said"
            }
            if [ -d "$named" ]; then
                for name in etcdutl etcdctl etcd; do file "$name" "$named/$name"; done
            elif [ -n "$named" ]; then
                case ${named##*/} in *etcdctl*) file etcdctl "$named";; *) file etcdutl "$named";; esac
            fi
            id=
            if [ -z "$crictl" ]; then
                echo "refused $(coded "$unsound")"
            elif [ -n "$image" ]; then
                id=$(cri inspecti -o go-template --template '{{.status.id}}{{range .status.repoDigests}} {{.}}{{end}}' "$image" 2>/dev/null)
                [ -z "$id" ] || echo "image $id"
            fi
            if [ -n "$container" ]; then
                for name in etcdutl etcdctl etcd; do inside "container:$container" "$name"; done
            elif [ -n "$id" ]; then
                for name in etcdutl etcdctl etcd; do inside "image:${id%% *}" "$name"; done
            fi
            for name in etcdutl etcdctl etcd; do
                if found=$(command -v "$name"); then file "$name" "$found"; fi
            done
            exit 0
            """
    )
    {
        Timeout = TimeSpan.FromMinutes(2),
    };

    /// <summary>Reads one of etcd's programs, for a node that has none. Arguments: runtime endpoint (may be empty), source, name.</summary>
    public static readonly RemoteCommand Read = new(
        "programs.read",
        PathScript.Extend
            + ProgramScript.Bring
            + """
            endpoint=$1
            bring "$2" "$3"
            """
    )
    {
        Timeout = TimeSpan.FromMinutes(10),
    };
}
