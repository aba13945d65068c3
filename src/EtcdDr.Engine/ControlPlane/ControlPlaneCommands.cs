using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>Every command that stops, starts or looks at the control plane of a node. All run as root.</summary>
public static class ControlPlaneCommands
{
    /// <summary>
    /// Defines <c>cri</c>, which is crictl at <c>$endpoint</c> where it is root's alone (the archive of cri-tools carries the account that
    /// built it), and <c>running NAME [NAMESPACE]</c> and <c>ended NAME [NAMESPACE]</c>, which print ids of running and of dead containers,
    /// of kube-system where no namespace is given.
    /// </summary>
    internal const string Crictl =
        PathScript.Owned
        + """
            unsound=; crictl=$(command -v crictl) || { crictl=; unsound='There is no crictl on this node.'; }
            if [ -n "$crictl" ]; then crictl=$(owned "$crictl") || { unsound=$crictl; crictl=; }; fi
            cri() {
                [ -n "$crictl" ] || { echo "$unsound" >&2; return 1; }
                if [ -n "$endpoint" ]; then "$crictl" -r "$endpoint" "$@"; else "$crictl" "$@"; fi
            }
            labelled() { cri ps -q --label "io.kubernetes.container.name=$1" --label "io.kubernetes.pod.namespace=$2" $3; }
            running() { labelled "$1" "${2:-kube-system}" ''; }
            ended() { labelled "$1" "${2:-kube-system}" '--state exited'; }

            """;

    /// <summary>Defines <c>take</c>, which takes a part of the control plane, COMPONENT/FILE/NAMESPACE/POD/CONTAINER, to pieces.</summary>
    internal const string Parts = """
        take() {
            name=${1%%/*}; rest=${1#*/}; file=${rest%%/*}; rest=${rest#*/}
            namespace=${rest%%/*}; rest=${rest#*/}; pod=${rest%%/*}; container=${rest#*/}
        }

        """;

    /// <summary>
    /// Looks only. Arguments: manifest directory, hold directory, runtime endpoint (may be empty), parts of the control plane. Prints lines
    /// <c>kubelet active|inactive</c>, <c>manifest NAME</c>, <c>held NAME</c>, <c>container NAME ID</c>.
    /// </summary>
    public static readonly RemoteCommand State = new(
        "controlplane.state",
        PathScript.Extend
            + """
            manifests=$1; hold=$2; endpoint=$3; shift 3
            """
            + "\n"
            + Crictl
            + Parts
            + """
            if systemctl is-active --quiet kubelet; then echo 'kubelet active'; else echo 'kubelet inactive'; fi
            for part; do
                take "$part"
                if [ -e "$manifests/$file" ]; then echo "manifest $name"; fi
                if [ -n "$hold" ] && [ -e "$hold/$file" ]; then echo "held $name"; fi
                ids=$(running "$container" "$namespace") || exit 1
                for id in $ids; do echo "container $name $id"; done
            done
            """
    )
    {
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>
    /// Moves manifests aside and stops their containers, and ends when the containers are gone. The kubelet keeps running: it stops the
    /// pods too, and a pod sandbox that is gone shows that it has seen the change and will not start them again. Until then it may start
    /// one more (a component that crashes again and again), which is stopped like the first, until the limit. A manifest that an earlier
    /// restore or Stop-EtcdControlPlane holds aside is taken over by a restore. The dead containers are then removed (their logs stay in
    /// /var/log/pods): of a container whose end it sees the kubelet counts the next start as one after a crash, and waits 10 s to five
    /// minutes (pkg/kubelet/kuberuntime, doBackOff). Arguments: journal directory (may be empty), step, manifest directory, hold directory,
    /// runtime endpoint (may be empty), seconds that a container gets after SIGTERM, limit in seconds, <c>gone</c> or <c>stopped</c> (it
    /// ends when the containers have stopped; a later run with <c>gone</c> waits for the kubelet), parts of the control plane. Status
    /// 75: a container would not stop; it is named on standard error as <c>still running: NAME ID</c>.
    /// </summary>
    public static readonly RemoteCommand Hold = new(
        "controlplane.hold",
        NodeJournalScript.Prelude
            + """
            manifests=$1; hold=$2; endpoint=$3; grace=$4; limit=$5; until=$6; shift 6
            """
            + "\n"
            + Crictl
            + Parts
            + """
            alone && note begin || exit 1
            mkdir -p "$hold" || exit 1
            for part; do
                take "$part"
                if [ -e "$manifests/$file" ]; then mv -f "$manifests/$file" "$hold/$file" || exit 1; fi
                for other in "${hold%/*/*}"/*/manifests/"$file"; do
                    if [ -n "$journal" ] && [ -e "$other" ] && [ ! -e "$hold/$file" ]; then mv -f "$other" "$hold/$file" || exit 1; fi
                done
            done
            sync "$manifests" "$hold" || exit 1
            active() { systemctl is-active --quiet kubelet; }
            sandboxes() {
                for part; do
                    take "$part"
                    cri pods -q --state Ready --namespace "^$namespace\$" --name "^$pod-" || echo unknown
                done
            }
            end=$(($(date +%s) + limit)); gone=; quiet=
            while :; do
                left=
                for part; do
                    take "$part"
                    ids=$(running "$container" "$namespace") || ids=unknown
                    for id in $ids; do
                        left="$left $name $id"
                        cri stop --timeout "$grace" "$id" >/dev/null 2>&1 &
                    done
                done
                wait
                now=$(date +%s)
                if [ -n "$left" ]; then
                    gone=; quiet=
                    if [ "$now" -ge "$end" ]; then echo "still running:$left" >&2; exit 75; fi
                elif [ "$until" = stopped ] || [ -n "$gone" ] || ! active; then
                    break
                elif [ -z "$(sandboxes "$@")" ]; then
                    gone=yes
                    continue
                else
                    quiet=${quiet:-$((now + 10))}
                    if [ "$now" -ge "$quiet" ] || [ "$now" -ge "$end" ]; then break; fi
                fi
                sleep 0.1
            done
            [ "$until" = gone ] || set --
            for part; do
                take "$part"
                ids=$(ended "$container" "$namespace") || exit 1
                for id in $ids; do
                    cri rm "$id" >/dev/null ||
                        echo "The dead container $name $id stays; the kubelet may wait before it starts the next." >&2
                done
            done
            note done
            """
    )
    {
        AcceptedStatuses = [75],
        Timeout = TimeSpan.FromMinutes(3),
    };

    /// <summary>Ends containers that would not stop, by their ids and no other way. Arguments: runtime endpoint (may be empty), container
    /// ids.</summary>
    public static readonly RemoteCommand KillContainer = new(
        "controlplane.kill-container",
        PathScript.Extend
            + """
            endpoint=$1; shift
            """
            + "\n"
            + Crictl
            + """
            for id; do cri stop --timeout 0 "$id" || exit 1; done
            """
    );

    /// <summary>
    /// Puts held manifests back, so that the kubelet starts what they say. Arguments: journal directory (may be empty), step, manifest
    /// directory, hold directory, parts of the control plane. A manifest that is in place already is left alone.
    /// </summary>
    public static readonly RemoteCommand Release = new(
        "controlplane.release",
        NodeJournalScript.Prelude
            + """
            manifests=$1; hold=$2; shift 2
            """
            + "\n"
            + Parts
            + """
            alone && note begin || exit 1
            for part; do
                take "$part"
                if [ -e "$hold/$file" ]; then mv -f "$hold/$file" "$manifests/$file" || exit 1; fi
            done
            sync "$manifests" || exit 1
            systemctl is-active --quiet kubelet || systemctl start kubelet 8>&- || exit 1
            note done
            """
    );

    /// <summary>
    /// Waits until no step of an interrupted restore is at work on the node any more. Arguments: the directory that holds the restores of
    /// the node, limit in seconds. Status 75: one still is.
    /// </summary>
    public static readonly RemoteCommand Settle = new(
        "controlplane.settle",
        """
        for lock in "$1"/*/lock; do
            [ -e "$lock" ] || continue
            flock -w "$2" -E 75 "$lock" true || exit $?
        done
        exit 0
        """
    )
    {
        AcceptedStatuses = [75],
        Timeout = TimeSpan.FromMinutes(6),
    };

    /// <summary>Whether a directory holds manifests. Argument: the directory. Status 1: it does not.</summary>
    public static readonly RemoteCommand HasHeld = new(
        "controlplane.has-held",
        """
        [ -n "$(ls -A "$1" 2>/dev/null)" ]
        """
    )
    {
        AcceptedStatuses = [1],
    };

    /// <summary>The script of <see cref="RuntimeEndpoint"/>, for commands that read more in the same run.</summary>
    internal const string RuntimeEndpointScript = """
        [ -f /etc/crictl.yaml ] && grep -q '^runtime-endpoint: *[^ ]' /etc/crictl.yaml && exit 0
        found=$(sed -n 's/.*--container-runtime-endpoint=\([^ "]*\).*/\1/p' /var/lib/kubelet/kubeadm-flags.env 2>/dev/null | head -n 1)
        for file in /var/lib/kubelet/instance-config.yaml /var/lib/kubelet/config.yaml; do
            [ -n "$found" ] || found=$(sed -n 's/^containerRuntimeEndpoint: *["'\'']*\([^"'\'' ]*\).*/\1/p' "$file" 2>/dev/null | head -n 1)
        done
        case $found in '') ;; *://*) echo "$found";; *) echo "unix://$found";; esac
        """;

    /// <summary>
    /// The container runtime's endpoint as the kubelet knows it: its flag, then its configuration. Prints it, or nothing where crictl shall
    /// use its own configuration (/etc/crictl.yaml) or default.
    /// </summary>
    public static readonly RemoteCommand RuntimeEndpoint = new("controlplane.runtime-endpoint", RuntimeEndpointScript);

    /// <summary>The kubelet's directory of static pods. Prints it.</summary>
    public static readonly RemoteCommand StaticPodPath = new(
        "controlplane.static-pod-path",
        """
        found=$(sed -n 's/^staticPodPath: *["'\'']*\([^"'\'' ]*\).*/\1/p' /var/lib/kubelet/config.yaml 2>/dev/null | head -n 1)
        echo "${found:-/etc/kubernetes/manifests}"
        """
    );

    /// <summary>Restarts the kubelet; containers keep running. Prints the node's own time before, in seconds since 1970: by the same clock
    /// the kubelet says when it reported last.</summary>
    public static readonly RemoteCommand RestartKubelet = new(
        "controlplane.restart-kubelet",
        PathScript.Extend + "date +%s && systemctl restart kubelet"
    )
    {
        Timeout = TimeSpan.FromMinutes(2),
    };
}
