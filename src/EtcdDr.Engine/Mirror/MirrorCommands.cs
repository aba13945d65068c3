using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Mirror;

/// <summary>Remote commands of the mirror checks. They read only.</summary>
public static class MirrorCommands
{
    /// <summary>
    /// Reads facts about a node. Arguments: the apiserver's certificate (may be empty), then words <c>name=HOST</c> to resolve,
    /// <c>reach=HOST:PORT</c> to connect to and <c>serves=HOST:PORT</c> to ask for its certificate, which is checked against the node's own
    /// CA. Prints lines <c>key value...</c>; the clock first and last, so that the time between is known.
    /// </summary>
    public static readonly RemoteCommand NodeFacts = new(
        "mirror.node-facts",
        PathScript.Extend
            + PathScript.Owned
            + """
            echo "clock $(date +%s.%N)"
            certificate=$1; shift
            echo "nsswitch $(sed -n 's/#.*//; s/^hosts:[[:space:]]*//p' /etc/nsswitch.conf 2>/dev/null | sed 's/\[[^]]*\]//g' | tail -n 1 | tr '\t' ' ')"
            echo "address $(hostname -I 2>/dev/null | tr '\n' ' ')"
            if kubeadm=$(command -v kubeadm) && kubeadm=$(owned "$kubeadm"); then echo "kubeadm $(timeout 10 "$kubeadm" version -o short 2>/dev/null)"; fi
            if [ -n "$certificate" ] && [ -r "$certificate" ]; then echo "certificate $(base64 -w0 "$certificate")"; fi
            if crictl=$(command -v crictl) && crictl=$(owned "$crictl"); then timeout 10 "$crictl" images 2>/dev/null | awk 'NR > 1 && $2 != "<none>" {print "image " $1 ":" $2}'; fi
            connect() {
                if command -v bash >/dev/null 2>&1; then
                    if said=$(LC_ALL=C timeout 3 bash -c ': <"/dev/tcp/$0/$1"' "$1" "$2" 2>&1); then echo yes; return; fi
                    case $said in *refused*) echo refused;; *) echo no;; esac
                elif command -v python3 >/dev/null 2>&1; then
                    if said=$(timeout 4 python3 -I -c 'import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)' "$1" "$2" 2>&1); then echo yes; return; fi
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
                case $(timeout 5 openssl s_client -connect "$1" -CAfile "$ca" </dev/null 2>/dev/null) in
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
