using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Nodes;

/// <summary>Commands that read what a node is, for restores and for mirror checks alike. All run as root; they read only.</summary>
public static class NodeCommands
{
    /// <summary>The script of <see cref="FindJournals"/>.</summary>
    private const string FindJournalsScript = """
        for directory in "$1"/*/; do
            [ -f "$directory/journal.json" ] || continue
            printf 'journal %s\n' "${directory%/}"
            for file in journal.json state steps; do
                if [ -f "$directory/$file" ]; then base64 -w0 "$directory/$file"; fi
                echo
            done
        done
        """;

    /// <summary>
    /// Reads a control-plane node in one run, since each run costs a round trip and a sudo: its static pods, those that a restore,
    /// <c>Stop-EtcdControlPlane</c> or a change of etcd's members holds aside, journals, the runtime's endpoint, and what the runtime says
    /// of etcd's containers. Each part begins with a line <c>== PART</c> and is what the command of its own prints. Status 3: there is no
    /// manifest directory.
    /// </summary>
    public static readonly RemoteCommand Read = new(
        "node.read",
        "manifests() (\n"
            + ManifestCommands.ReadAllScript
            + "\n)\n"
            + "journals() (\n"
            + FindJournalsScript
            + "\n)\n"
            + "endpoint() (\n"
            + ControlPlaneCommands.RuntimeEndpointScript
            + "\n)\n"
            + "containers() (\n"
            + ProgramCommands.ContainersScript
            + "\n)\n"
            + """
            held() { if [ -n "$(ls -A "$1" 2>/dev/null)" ]; then echo "== $2"; manifests "$1"; fi; }
            found=$(manifests ''); status=$?
            printf '== manifests\n%s\n' "$found"
            [ "$status" -eq 0 ] || exit "$status"
            root=$(printf '%s\n' "$found" | sed -n 's/^path //p' | base64 -d); root=${root%/}; root=${root%/*}/etcddr
            echo '== journals'; journals "$root" || exit 1
            for directory in "$root"/*/; do
                if [ -f "$directory/journal.json" ]; then held "${directory%/}/manifests" held || exit 1; fi
            done
            held "$root/stopped/manifests" stopped || exit 1
            held "$root/members/manifests" members || exit 1
            endpoint=$(endpoint); printf '== endpoint\n%s\n' "$endpoint"
            echo '== containers'; containers
            """
    )
    {
        AcceptedStatuses = [ManifestCommands.NoDirectory],
        Timeout = TimeSpan.FromMinutes(3),
    };

    /// <summary>
    /// Reads facts about a node. Arguments: data directory, WAL directory (may be empty), manifest directory, the runtime's endpoint (may
    /// be empty). Prints lines <c>name value</c>.
    /// </summary>
    public static readonly RemoteCommand Measure = new(
        "node.measure",
        PathScript.Extend
            + PathScript.Owned
            + """
            data=$1; wal=$2; manifests=$3; endpoint=$4
            near() { d=$1; while [ ! -d "$d" ]; do d=$(dirname "$d"); done; printf '%s' "$d"; }
            device() { stat -c %d "$(near "$1")"; }
            mounted() { if mountpoint -q "$1" || [ "$(device "$1")" != "$(device "$(dirname "$1")")" ]; then echo yes; else echo no; fi; }
            space() { if [ "$(mounted "$1")" = yes ]; then printf '%s' "$1"; else near "$(dirname "$1")"; fi; }
            free() { df -P -B1 "$1" | awk 'NR==2 {print $4}'; }
            found=$(readlink -f -- "$data") && [ -n "$found" ] && data=$found
            echo "data-real $data"
            echo "data-mounted $(mounted "$data")"
            echo "data-free $(free "$(space "$data")")"
            if [ -d "$data/member" ]; then
                echo "data-used $(du -s -B1 "$data/member" | cut -f1)"
                own=$(device "$data"); apart=
                for entry in "$data/member" "$data/member/snap" "$data/member/wal" "$data/member/snap/db"; do
                    if [ -L "$entry" ] || { [ -e "$entry" ] && [ "$(stat -c %d "$entry")" != "$own" ]; }; then apart="$apart $entry"; fi
                done
                [ -z "$apart" ] || echo "data-apart$apart"
            else
                echo 'data-used 0'
            fi
            if [ -n "$wal" ]; then
                found=$(readlink -f -- "$wal") && [ -n "$found" ] && wal=$found
                echo "wal-real $wal"
                echo "wal-mounted $(mounted "$wal")"
                echo "wal-free $(free "$(space "$wal")")"
            fi
            echo "config-free $(free "$(dirname "$manifests")")"
            if systemctl is-active --quiet kubelet; then echo 'kubelet active'; else echo 'kubelet inactive'; fi
            if command -v flock >/dev/null 2>&1; then echo 'flock yes'; else echo 'flock no'; fi
            if crictl=$(command -v crictl); then
                echo 'crictl yes'
                if crictl=$(owned "$crictl"); then
                    said=$(timeout 20 "$crictl" ${endpoint:+-r "$endpoint"} version 2>&1)
                    if [ $? -eq 0 ]; then
                        echo "runtime $(printf '%s\n' "$said" | awk '/^Runtime(Name|Version):/ {printf "%s ", $2}')"
                    else
                        for service in containerd crio; do
                            state=$(systemctl is-active "$service" 2>/dev/null) || said="$said ($service: ${state:-unknown})"
                        done
                        echo "runtime-failure $(printf '%s' "$said" | tail -n 1 | tr -d '\000-\037' | tail -c 400)"
                    fi
                else
                    echo "runtime-failure $crictl"
                fi
            else
                echo 'crictl no'
            fi
            echo "clock $(date +%s.%N)"
            echo "machine $(uname -m)"
            """
    );

    /// <summary>
    /// Reads certificates, and nothing of the keys beside them. Arguments: files in PEM, or kubeconfigs (<c>.conf</c>) that hold one.
    /// Prints for each that is there a line <c>PATH PEM</c>, both in base64.
    /// </summary>
    public static readonly RemoteCommand Certificates = new(
        "node.certificates",
        """
        for path; do
            [ -r "$path" ] || continue
            case $path in
            *.conf) found=$(sed -n 's/^ *client-certificate-data: *//p' "$path" | head -n 1 | base64 -d 2>/dev/null);;
            *) found=$(sed -n '/-----BEGIN CERTIFICATE-----/,/-----END CERTIFICATE-----/p' "$path");;
            esac
            if [ -n "$found" ]; then printf '%s %s\n' "$(printf '%s' "$path" | base64 -w 0)" "$(printf '%s\n' "$found" | base64 -w 0)"; fi
        done
        exit 0
        """
    );

    /// <summary>
    /// Reads who a node is, beside what the API says of it. Prints lines <c>provider ID</c> as the kubelet is told it, <c>machine UUID</c>,
    /// <c>bridge ADDRESS</c> for each address of a bridge that pods are attached to, and <c>volume NAME</c> for each PersistentVolume that
    /// a CSI driver has mounted for a pod.
    /// </summary>
    public static readonly RemoteCommand Identity = new(
        "node.identity",
        PathScript.Extend
            + """
            provider=$(sed -n 's/.*--provider-id=\([^ "]*\).*/\1/p' /var/lib/kubelet/kubeadm-flags.env 2>/dev/null | head -n 1)
            for file in /var/lib/kubelet/instance-config.yaml /var/lib/kubelet/config.yaml; do
                [ -n "$provider" ] || provider=$(sed -n 's/^providerID: *["'\'']*\([^"'\'' ]*\).*/\1/p' "$file" 2>/dev/null | head -n 1)
            done
            if [ -n "$provider" ]; then echo "provider $provider"; fi
            if [ -r /sys/class/dmi/id/product_uuid ]; then echo "machine $(cat /sys/class/dmi/id/product_uuid)"; fi
            for bridge in cni0 cbr0 kube-bridge; do
                ip -o addr show dev "$bridge" scope global 2>/dev/null | awk '{print "bridge " $4}'
            done
            sed -n 's#^[^ ]* [^ ]*/pods/[^/ ]*/volumes/kubernetes\.io~csi/\([^/ ]*\)/mount .*#volume \1#p' /proc/mounts | sort -u
            sed -n 's#^[^ ]* [^ ]*/volumeDevices/kubernetes\.io~csi/\([^/ ]*\)/.*#volume \1#p' /proc/mounts | sort -u
            """
    );

    /// <summary>
    /// Lists journals. Argument: the directory that holds the restores of the node. Prints for each a line <c>journal DIRECTORY</c> and
    /// then three lines, the files journal.json, state and steps in base64 (a line may be empty).
    /// </summary>
    public static readonly RemoteCommand FindJournals = new("node.journals", FindJournalsScript);

    /// <summary>
    /// Reads facts about a node. Arguments: the apiserver's certificate (may be empty), then words <c>name=HOST</c> to resolve,
    /// <c>reach=HOST:PORT</c> to connect to and <c>serves=HOST:PORT</c> to ask for its certificate, which is checked against the node's own
    /// CA. Prints lines <c>key value...</c>; the clock first and last, so that the time between is known.
    /// </summary>
    public static readonly RemoteCommand Surroundings = new(
        "node.surroundings",
        PathScript.Extend
            + PathScript.Owned
            + """
            echo "clock $(date +%s.%N)"
            certificate=$1; shift
            order=$(sed -n 's/#.*//; s/^hosts:[[:space:]]*//p' /etc/nsswitch.conf 2>/dev/null | sed 's/\[[^]]*\]//g' | tail -n 1)
            echo "nsswitch $(printf '%s' "$order" | tr '\t' ' ')"
            echo "address $(hostname -I 2>/dev/null | tr '\n' ' ')"
            if kubeadm=$(command -v kubeadm) && kubeadm=$(owned "$kubeadm"); then
                echo "kubeadm $(timeout 10 "$kubeadm" version -o short 2>/dev/null)"
            fi
            if [ -n "$certificate" ] && [ -r "$certificate" ]; then echo "certificate $(base64 -w0 "$certificate")"; fi
            if crictl=$(command -v crictl) && crictl=$(owned "$crictl"); then
                timeout 10 "$crictl" images 2>/dev/null | awk 'NR > 1 && $2 != "<none>" {print "image " $1 ":" $2}'
            fi
            connect() {
                if command -v bash >/dev/null 2>&1; then
                    if said=$(LC_ALL=C timeout 3 bash -c ': <"/dev/tcp/$0/$1"' "$1" "$2" 2>&1); then echo yes; return; fi
                    case $said in *refused*) echo refused;; *) echo no;; esac
                elif command -v python3 >/dev/null 2>&1; then
                    open='import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)'
                    if said=$(timeout 4 python3 -I -c "$open" "$1" "$2" 2>&1); then echo yes; return; fi
                    case $said in *ConnectionRefusedError*) echo refused;; *) echo no;; esac
                elif command -v curl >/dev/null 2>&1; then
                    timeout 4 curl -s --connect-timeout 3 "telnet://$1:$2" </dev/null >/dev/null 2>&1
                    case $? in 6|7|28) echo no;; *) echo yes;; esac
                elif command -v nc >/dev/null 2>&1; then
                    timeout 4 nc -z -w 3 "$1" "$2" >/dev/null 2>&1 && echo yes || echo no
                else
                    echo unknown
                fi
            }
            serves() {
                ca=/etc/kubernetes/pki/ca.crt
                if [ ! -r "$ca" ] || ! command -v openssl >/dev/null 2>&1; then echo unknown; return; fi
                case $(timeout 5 openssl s_client -no_check_time -connect "$1" -CAfile "$ca" </dev/null 2>/dev/null) in
                    *"Verify return code: 0 "*) echo own;;
                    *"Verify return code: "*) echo foreign;;
                    *) echo unknown;;
                esac
            }
            started=0
            for word in "$@"; do
                what=${word#*=}
                started=$((started + 1))
                [ $((started % 64)) -ne 0 ] || wait
                case $word in
                    name=*) echo "name $what $(timeout 5 getent ahosts "$what" | awk '{print $1}' | sort -u | tr '\n' ' ')" & ;;
                    reach=*) host=${what%:*}; host=${host#\[}; echo "reach $what $(connect "${host%\]}" "${what##*:}")" & ;;
                    serves=*) echo "serves $what $(serves "$what")" & ;;
                esac
            done
            wait
            echo "clock $(date +%s.%N)"
            """
    );
}
