using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>
/// Every command that adding a name to the kube API's front end, and undoing it, run on a node besides those of
/// <see cref="ControlPlaneCommands"/>. All run as root. What they replace is kept in a directory that only root can look into; a file is
/// replaced by a rename over it.
/// </summary>
public static class AliasCommands
{
    /// <summary>Exit status where a file is not what it was when it was read.</summary>
    public const int Changed = 75;

    // retain: keeps what stands at $1 under the name $2, unless that is what we put there ourselves, and notes what will stand there.
    private const string Keep = """
        set -u; umask 077
        sum() { sha256sum < "$1" | cut -d ' ' -f 1; }
        like() {
            chown --reference="$1" "$2" && chmod --reference="$1" "$2" || return 1
            if command -v selinuxenabled >/dev/null 2>&1 && selinuxenabled; then chcon --reference="$1" "$2" || return 1; fi
        }
        copied() { rm -f -- "$2" && (set -C; cat -- "$1" > "$2"); }
        retain() {
            mkdir -p "$keep" && chmod 700 "$(dirname "$(dirname "$keep")")" "$(dirname "$keep")" "$keep" || return 1
            if [ ! -f "$keep/$2.written" ] || [ "$(sum "$1")" != "$(cat "$keep/$2.written")" ]; then
                cp -p "$1" "$keep/$2.part" && sync "$keep/$2.part" && mv -f "$keep/$2.part" "$keep/$2" || return 1
            fi
            sum "$3" > "$keep/$2.written.part" && mv -f "$keep/$2.written.part" "$keep/$2.written" && sync "$keep"
        }

        """;

    /// <summary>
    /// Reads what is to be known of a node. Arguments: the new name, the present name, the directory of certificates (may be empty), then
    /// files. Prints lines <c>resolves NAME ADDRESS...</c>, <c>kubeadm</c> and <c>ca-key</c> where they are there, and <c>file PATH
    /// CONTENT</c> in base64 for each file that is there, for kubeadm's configuration files too.
    /// </summary>
    public static readonly RemoteCommand ReadNode = new(
        "alias.read-node",
        PathScript.Extend
            + PathScript.Owned
            + """
            new=$1; present=$2; pki=$3; shift 3
            for name in "$new" "$present"; do
                echo "resolves $name $(timeout 5 getent ahosts "$name" | awk '{print $1}' | sort -u | tr '\n' ' ')"
            done
            if kubeadm=$(command -v kubeadm) && owned "$kubeadm" >/dev/null; then echo kubeadm; fi
            if [ -n "$pki" ] && [ -s "$pki/ca.key" ]; then echo ca-key; fi
            tell() { printf 'file %s %s\n' "$(printf '%s' "$1" | base64 -w0)" "$(base64 -w0 < "$1")"; }
            for file; do if [ -f "$file" ]; then tell "$file" || exit 1; fi; done
            [ -n "$pki" ] || exit 0
            for file in /etc/kubernetes/*.yaml /etc/kubernetes/*.yml /etc/kubernetes/*.conf \
                /etc/kubernetes/kubeadm/* /etc/kubeadm/* /root/kubeadm*.y*ml; do
                if [ -f "$file" ] && grep -q '^kind: *ClusterConfiguration' "$file"; then tell "$file" || exit 1; fi
            done
            exit 0
            """
    )
    {
        OutputIsSecret = true,
    };

    /// <summary>
    /// Has the node's kubeadm issue a serving certificate into a work directory, signed by the CA that stays where it is. Its configuration
    /// comes by standard input. Arguments: work directory, directory of certificates, length of the configuration, bytes. Prints the
    /// certificate.
    /// </summary>
    public static readonly RemoteCommand KubeadmCertificate = new(
        "alias.kubeadm-certificate",
        PathScript.Extend
            + PathScript.Owned
            + InputScript.Receive
            + """
            set -u; umask 077
            work=$1; pki=$2
            rm -rf "$work" && mkdir -p "$work" && chmod 700 "$(dirname "$work")" "$work" || exit 1
            receive "$work/kubeadm.yaml" "$3" && ln -s "$pki/ca.crt" "$work/ca.crt" && ln -s "$pki/ca.key" "$work/ca.key" || exit 1
            kubeadm=$(owned "$(command -v kubeadm)") || { echo "$kubeadm" >&2; rm -rf "$work"; exit 1; }
            "$kubeadm" init phase certs apiserver --config "$work/kubeadm.yaml" >&2 || { rm -rf "$work"; exit 1; }
            cat "$work/apiserver.crt"
            """
    )
    {
        Timeout = TimeSpan.FromMinutes(2),
    };

    /// <summary>Receives a certificate and its key, in this order and in PEM, by standard input into a work directory. Arguments: work
    /// directory, length of both, bytes.</summary>
    public static readonly RemoteCommand ReceiveCertificate = new(
        "alias.receive-certificate",
        InputScript.Receive
            + """
            set -u; umask 077; work=$1
            rm -rf "$work" && mkdir -p "$work" && chmod 700 "$(dirname "$work")" "$work" || exit 1
            receive "$work/pair.pem" "$2" || exit 1
            sed -n '/-BEGIN CERTIFICATE-/,/-END CERTIFICATE-/p' "$work/pair.pem" > "$work/apiserver.crt" || exit 1
            sed -n '/-BEGIN .*PRIVATE KEY-/,/-END .*PRIVATE KEY-/p' "$work/pair.pem" > "$work/apiserver.key" || exit 1
            rm -f "$work/pair.pem"
            [ -s "$work/apiserver.crt" ] && [ -s "$work/apiserver.key" ]
            """
    )
    {
        OutputIsSecret = true,
    };

    /// <summary>
    /// Puts the certificate and key of a work directory in the place of the live ones, which are kept. Both new files are on the disk
    /// before the first of two renames. Arguments: directory that keeps, work directory, live certificate, live key, SHA-256 of the live
    /// certificate's file as it was read.
    /// </summary>
    public static readonly RemoteCommand InstallCertificate = new(
        "alias.install-certificate",
        Keep
            + """
            keep=$1; work=$2; cert=$3; key=$4; expected=$5
            if [ "$(sum "$cert")" != "$expected" ]; then echo "$cert was changed meanwhile." >&2; exit 75; fi
            copied "$work/apiserver.crt" "$cert.etcddr-new" && copied "$work/apiserver.key" "$key.etcddr-new" || exit 1
            like "$cert" "$cert.etcddr-new" && like "$key" "$key.etcddr-new" && sync "$cert.etcddr-new" "$key.etcddr-new" || exit 1
            retain "$cert" apiserver.crt "$cert.etcddr-new" && retain "$key" apiserver.key "$key.etcddr-new" || exit 1
            mv -f "$key.etcddr-new" "$key" && mv -f "$cert.etcddr-new" "$cert" && sync "$(dirname "$cert")" "$(dirname "$key")" || exit 1
            rm -rf "$work"
            """
    )
    {
        AcceptedStatuses = [Changed],
        OutputIsSecret = true,
    };

    /// <summary>
    /// Replaces a file by what comes by standard input, and keeps it. Arguments: directory that keeps, name in it, the file, SHA-256 of the
    /// file as it was read, length of what takes its place, bytes.
    /// </summary>
    public static readonly RemoteCommand ReplaceFile = new(
        "alias.replace-file",
        InputScript.Receive
            + Keep
            + """
            keep=$1; name=$2; file=$3; expected=$4
            if [ "$(sum "$file")" != "$expected" ]; then echo "$file was changed meanwhile." >&2; exit 75; fi
            receive "$file.etcddr-new" "$5" && like "$file" "$file.etcddr-new" && sync "$file.etcddr-new" || exit 1
            retain "$file" "$name" "$file.etcddr-new" || exit 1
            mv -f "$file.etcddr-new" "$file" && sync "$(dirname "$file")"
            """
    )
    {
        AcceptedStatuses = [Changed],
        OutputIsSecret = true,
    };

    /// <summary>
    /// Keeps a text that stands in the API, unless that is what we put there ourselves, together with the SHA-256 of what takes its place.
    /// The text comes by standard input. Arguments: directory that keeps, name, SHA-256, length of the text, bytes.
    /// </summary>
    public static readonly RemoteCommand KeepText = new(
        "alias.keep-text",
        InputScript.Receive
            + """
            set -u; umask 077; keep=$1; name=$2; written=$3
            mkdir -p "$keep" && chmod 700 "$(dirname "$(dirname "$keep")")" "$(dirname "$keep")" "$keep" || exit 1
            receive "$keep/$name.part" "$4" && printf '%s\n' "$written" > "$keep/$name.written.part" || exit 1
            sync "$keep/$name.part" "$keep/$name.written.part" || exit 1
            standing=$(sha256sum < "$keep/$name.part" | cut -d ' ' -f 1)
            if [ -f "$keep/$name.written" ] && [ "$standing" = "$(cat "$keep/$name.written")" ]; then
                rm -f "$keep/$name.part" || exit 1
            else
                mv -f "$keep/$name.part" "$keep/$name" || exit 1
            fi
            mv -f "$keep/$name.written.part" "$keep/$name.written" && sync "$keep"
            """
    );

    /// <summary>
    /// Puts kept files back that belong together: all or none. Arguments: directory that keeps, then a name in it and a file each. Prints
    /// <c>none</c> where nothing is kept, <c>same</c> where all are as they were, <c>back</c> where they were put back, <c>changed FILE</c>
    /// where a file is neither what was kept nor what was put there.
    /// </summary>
    public static readonly RemoteCommand PutBack = new(
        "alias.put-back",
        Keep
            + """
            keep=$1; shift; word=same
            each() { action=$1; shift; while [ $# -ge 2 ]; do $action "$1" "$2" || return 1; shift 2; done; }
            check() {
                if [ ! -f "$keep/$1" ]; then word=none; return 1; fi
                now=$(sum "$2")
                if [ "$now" = "$(sum "$keep/$1")" ]; then return 0; fi
                if [ "$now" != "$(cat "$keep/$1.written")" ]; then word="changed $2"; return 1; fi
                copied "$keep/$1" "$2.etcddr-new" && like "$2" "$2.etcddr-new" && sync "$2.etcddr-new" || exit 1
                word=back
            }
            place() { if [ -f "$2.etcddr-new" ]; then mv -f "$2.etcddr-new" "$2" && sync "$(dirname "$2")"; fi; }
            drop() { rm -f "$2.etcddr-new"; }
            if each check "$@"; then each place "$@" || exit 1; else each drop "$@"; fi
            echo "$word"
            """
    );

    /// <summary>Reads what is kept of texts of the API. Argument: directory that keeps. Prints lines <c>text NAME WRITTEN CONTENT</c>, the
    /// content in base64.</summary>
    public static readonly RemoteCommand KeptTexts = new(
        "alias.kept-texts",
        """
        [ -d "$1" ] || exit 0
        echo kept
        for file in "$1"/configmap-*; do
            if [ -f "$file" ] && [ -f "$file.written" ]; then echo "text ${file##*/} $(cat "$file.written") $(base64 -w0 < "$file")"; fi
        done
        exit 0
        """
    );

    /// <summary>Removes what was kept, when all of it is back in its place. Argument: directory that keeps.</summary>
    public static readonly RemoteCommand Forget = new(
        "alias.forget",
        """
        case $1 in */etcddr/alias/?*) ;; *) echo "$1 is not a directory of an alias." >&2; exit 1;; esac
        rm -rf "$1.work" "$1" && rmdir "$(dirname "$1")" 2>/dev/null
        rmdir "$(dirname "$(dirname "$1")")" 2>/dev/null
        exit 0
        """
    );

    /// <summary>Stops the container of the node's apiserver, which the kubelet then starts again. Arguments: runtime endpoint (may be
    /// empty), seconds that it gets after SIGTERM.</summary>
    public static readonly RemoteCommand RestartApiServer = new(
        "alias.restart-apiserver",
        PathScript.Extend
            + """
            endpoint=$1; grace=$2
            """
            + "\n"
            + ControlPlaneCommands.Crictl
            + """
            ids=$(running kube-apiserver) || exit 1
            for id in $ids; do cri stop --timeout "$grace" "$id" >/dev/null || exit 1; done
            """
    )
    {
        Timeout = TimeSpan.FromMinutes(2),
    };

    /// <summary>Restarts the kubelet; containers keep running. Prints the time before, as the node has it.</summary>
    public static readonly RemoteCommand RestartKubelet = new(
        "alias.restart-kubelet",
        """
        date -u +%Y-%m-%dT%H:%M:%S.%6NZ && systemctl restart kubelet
        """
    )
    {
        Timeout = TimeSpan.FromMinutes(2),
    };
}
