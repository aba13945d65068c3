using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.ControlPlane;

/// <summary>Commands that keep two operations from working on one cluster at the same time. All run as root.</summary>
public static class LockCommands
{
    /// <summary>
    /// Takes the node's lock and holds it for as long as a byte comes by standard input at least every 45 seconds: a holder that dies or is cut off loses it by
    /// itself. The lock is the kernel's (flock), so nothing stale can stay. Arguments: <c>exclusive</c> or <c>shared</c>, holder's id, holder in words. Status 75: somebody else
    /// holds it.
    /// </summary>
    public static readonly RemoteCommand Hold = new("lock.hold", """
        set -u; umask 077; mode=$1; id=$2; words=$3
        mkdir -p /run/etcddr && chmod 700 /run/etcddr || exit 1
        exec 9>>/run/etcddr/lock || exit 1
        if [ "$mode" = shared ]; then flock -s -n 9; else flock -x -n 9; fi || exit 75
        mkdir -p /run/etcddr/holders && printf '%s\n' "$words" > "/run/etcddr/holders/$id.$$" || exit 1
        trap 'rm -f "/run/etcddr/holders/$id.$$"' EXIT
        trap 'exit 143' TERM INT HUP
        while [ -n "$(timeout 45 dd bs=1 count=1 2>/dev/null 9>&-)" ]; do :; done
        """)
    {
        AcceptedStatuses = [75],
        Timeout = TimeSpan.FromHours(24),
    };

    /// <summary>Tells who holds the lock. Prints lines <c>ID PID WORDS</c> of holders that are alive.</summary>
    public static readonly RemoteCommand Holders = new("lock.holders", """
        for file in /run/etcddr/holders/*; do
            [ -f "$file" ] || continue
            name=${file##*/}; pid=${name##*.}
            if [ -d "/proc/$pid" ]; then printf '%s %s %s\n' "${name%.*}" "$pid" "$(cat "$file")"; else rm -f "$file"; fi
        done
        exit 0
        """);

    /// <summary>Ends one holder of the lock, knowingly. Arguments: the holder's id, its process id. Only a process that holds the lock's file is ended.</summary>
    public static readonly RemoteCommand Break = new("lock.break", """
        id=$1; pid=$2
        [ -f "/run/etcddr/holders/$id.$pid" ] || exit 0
        for descriptor in "/proc/$pid/fd/"*; do
            if [ "$(readlink "$descriptor")" = /run/etcddr/lock ]; then kill -TERM "$pid"; break; fi
        done
        end=$(($(date +%s) + 50))
        while [ -d "/proc/$pid" ] && [ "$(date +%s)" -lt "$end" ]; do sleep 0.1; done
        if [ -d "/proc/$pid" ]; then kill -KILL "$pid" || exit 1; fi
        rm -f "/run/etcddr/holders/$id.$pid"
        """);
}
