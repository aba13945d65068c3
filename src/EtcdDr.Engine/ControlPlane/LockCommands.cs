using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>Commands that keep two operations from working on one cluster at the same time. All run as root.</summary>
public static class LockCommands
{
    // When a process began, in ticks since the node did (proc(5), stat, field 22): with its id it is one process for good, the id alone is
    // given anew.
    private const string Started = """
        started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20; }

        """;

    /// <summary>
    /// Takes the node's lock and holds it for as long as a byte comes by standard input at least every 45 seconds: a holder that dies or is
    /// cut off loses it by itself. The lock is the kernel's (flock), so nothing stale can stay. Arguments: <c>exclusive</c> or
    /// <c>shared</c>, holder's id, holder in words. Status 75: somebody else holds it.
    /// </summary>
    public static readonly RemoteCommand Hold = new(
        "lock.hold",
        Started
            + """
            set -u; umask 077; mode=$1; id=$2; words=$3
            mkdir -p /run/etcddr && chmod 700 /run/etcddr || exit 1
            exec 9>>/run/etcddr/lock || exit 1
            if [ "$mode" = shared ]; then flock -s -n 9; else flock -x -n 9; fi || exit 75
            mkdir -p /run/etcddr/holders && printf '%s\n%s\n' "$words" "$(started "$$")" > "/run/etcddr/holders/$id.$$" || exit 1
            trap 'rm -f "/run/etcddr/holders/$id.$$"' EXIT
            trap 'exit 143' TERM INT HUP
            while [ -n "$(timeout 45 dd bs=1 count=1 2>/dev/null 9>&-)" ]; do :; done
            """
    )
    {
        AcceptedStatuses = [75],
        Timeout = TimeSpan.FromHours(24),
    };

    /// <summary>Says who holds the lock. Prints lines <c>ID PID WORDS</c> of holders that are alive.</summary>
    public static readonly RemoteCommand Holders = new(
        "lock.holders",
        Started
            + """
            for file in /run/etcddr/holders/*; do
                [ -f "$file" ] || continue
                name=${file##*/}; pid=${name##*.}; since=$(sed -n 2p "$file")
                if [ -d "/proc/$pid" ] && [ "$(started "$pid")" = "${since:-$(started "$pid")}" ]; then
                    printf '%s %s %s\n' "${name%.*}" "$pid" "$(sed -n 1p "$file")"
                else
                    rm -f "$file"
                fi
            done
            exit 0
            """
    );

    /// <summary>
    /// Ends one holder of the lock, knowingly. Arguments: the holder's id, its process id. Only the process that took the lock is ended,
    /// never one that was given its id since: it began when the holder did, and has the lock's file open.
    /// </summary>
    public static readonly RemoteCommand Break = new(
        "lock.break",
        Started
            + """
            id=$1; pid=$2; file=/run/etcddr/holders/$id.$pid
            [ -f "$file" ] || exit 0
            since=$(sed -n 2p "$file"); since=${since:-$(started "$pid")}
            holds() {
                [ "$(started "$pid")" = "$since" ] || return 1
                for descriptor in "/proc/$pid/fd/"*; do
                    if [ "$(readlink "$descriptor")" = /run/etcddr/lock ]; then return 0; fi
                done
                return 1
            }
            if holds; then kill -TERM "$pid"; fi
            end=$(($(date +%s) + 50))
            while holds && [ "$(date +%s)" -lt "$end" ]; do sleep 0.1; done
            if holds; then kill -KILL "$pid" || exit 1; fi
            rm -f "$file"
            """
    );
}
