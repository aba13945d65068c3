namespace EtcdDr.Engine.Ssh;

/// <summary>Where commands look for programs.</summary>
internal static class PathScript
{
    /// <summary>
    /// Adds to the path that sudo gives (RHEL's leaves /usr/local out; crictl is often there, or in /opt/bin) those of the usual
    /// directories that are root's, with their parents, and that nobody else may write to: what an ordinary user of the node can place must
    /// not run as root.
    /// </summary>
    public const string Extend = """
        sound=
        for place in $(stat -L -c '%u:%a:%n' /usr/local /opt /usr/local/sbin /usr/local/bin /usr/sbin /sbin /opt/bin 2>/dev/null); do
            case $place in 0:*[0145][0145]:*) place=${place##*:};; *) continue;; esac
            case $place in
                /usr/local|/opt) sound="$sound $place";;
                /usr/sbin|/sbin) PATH=$PATH:$place;;
                *) case "$sound " in *" ${place%/*} "*) PATH=$PATH:$place;; esac;;
            esac
        done
        export PATH

        """;

    /// <summary>
    /// <c>owned FILE</c>: prints the program's real path, where it and every directory above it belong to root and nobody else may write
    /// there; else why it does not count, with status 1. The group's right to write refuses it whatever the group is: an access control
    /// list that lets somebody write shows as that (acl(5)).
    /// </summary>
    public const string Owned = """
        owned() {
            real=$(readlink -f -- "$1") && [ -f "$real" ] && [ -x "$real" ] || { echo "$1 is not a program."; return 1; }
            place=$real
            while :; do
                rights=$(stat -c '%u %g %a' -- "$place") || return 1
                user=${rights%% *}; mode=0${rights##* }; group=${rights#* }; group=${group% *}
                if [ "$user" != 0 ]; then
                    echo "$1 is passed over: $place belongs to user $user, not to root. Where it should count: chown root:root."
                    return 1
                fi
                if [ $((mode & 022)) -ne 0 ]; then
                    echo "$1 is passed over: others than root may write $place (mode $mode, group $group)." \
                        'Where it should count: chmod go-w.'
                    return 1
                fi
                [ "$place" != / ] || break
                place=${place%/*}; place=${place:-/}
            done
            printf '%s\n' "$real"
        }

        """;
}
