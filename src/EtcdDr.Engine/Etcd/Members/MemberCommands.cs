using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Restore;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd.Members;

/// <summary>Every command that taking a member in or out runs on a node, besides those of <see cref="ControlPlaneCommands"/> and
/// <see cref="RestoreCommands"/>. All run as root. Nothing that was there is deleted.</summary>
public static class MemberCommands
{
    /// <summary>Reads files: certificates, keys, configuration. Arguments: the files. Prints for each that is there a line <c>PATH
    /// CONTENT</c>, both in base64.</summary>
    public static readonly RemoteCommand ReadFiles = new(
        "member.read-files",
        """
        for path; do
            [ -f "$path" ] || continue
            content=$(base64 -w 0 < "$path") || exit 1
            printf '%s %s\n' "$(printf '%s' "$path" | base64 -w 0)" "$content"
        done
        exit 0
        """
    )
    {
        OutputIsSecret = true,
    };

    /// <summary>
    /// Takes the data of a member aside by rename, so that its place is empty, and makes the directories that files will be put into.
    /// Arguments: journal directory, step, data directory, directory of the WAL (may be empty), name under which they are kept,
    /// directories. Prints where what was there lies now, a line each. Status 75: a process still holds the database.
    /// </summary>
    public static readonly RemoteCommand KeepData = new(
        "member.keep-data",
        NodeJournalScript.Prelude
            + RestoreCommands.OursScript
            + """
            data=$1; wal=$2; name=$3; shift 3
            alone && note begin || exit 1
            keep() {
                place=${1%/}; shift; kept=
                if mountpoint -q "$place"; then to=$place/.etcddr/$name; else to=$place.etcddr/$name; fi
                ours "$to" && mkdir -p "$to/previous" && chmod 700 "$(dirname "$to")" "$to" "$to/previous" || return 1
                for entry; do
                    [ -e "$entry" ] && [ "${entry##*/}" != lost+found ] || continue
                    mv -T "$entry" "$to/previous/${entry##*/}" && kept=yes || return 1
                done
                sync "$place" "$to/previous" || return 1
                if [ -n "$kept" ]; then echo "$to/previous"; return 0; fi
                rmdir "$to/previous" "$to" || return 1
                rmdir "$(dirname "$to")" 2>/dev/null
                return 0
            }
            if [ -e "$data/member/snap/db" ] && command -v flock >/dev/null 2>&1; then
                flock -n -E 75 "$data/member/snap/db" true || { echo "A process still holds $data/member/snap/db." >&2; exit 75; }
            fi
            if [ -e "$data/member" ]; then keep "$data" "$data/member" || exit 1; fi
            if [ -n "$wal" ] && [ -d "$wal" ]; then keep "$wal" "$wal"/* || exit 1; fi
            for directory; do mkdir -p "$directory" || exit 1; done
            note done
            """
    )
    {
        AcceptedStatuses = [75],
    };

    /// <summary>Removes the copies from which <see cref="RestoreCommands.SwapKeys"/> put files into their places; they hold keys. Argument:
    /// the directory of this run.</summary>
    public static readonly RemoteCommand DropStaged = new(
        "member.drop-staged",
        """
        case $1 in */etcddr/members/?*) ;; *) echo "$1 is not a directory of a change of members." >&2; exit 1;; esac
        rm -rf "$1/keys/new"
        """
    );
}
