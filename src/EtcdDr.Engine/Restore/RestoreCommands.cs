using EtcdDr.Engine.ControlPlane;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Restore;

/// <summary>
/// Every command that a restore and its undoing run on a node, besides those of <see cref="ControlPlaneCommands"/>. All run as root.
/// Nothing that was on the node before is deleted: live data moves by rename, keys are kept as copies. Each step can be run again at any
/// point of its own work.
/// </summary>
public static class RestoreCommands
{
    /// <summary>
    /// Puts the journal in place, whole or not at all; its text comes by standard input. Arguments: journal directory, state, length of the
    /// text, bytes.
    /// </summary>
    public static readonly RemoteCommand WriteJournal = new(
        "restore.write-journal",
        InputScript.Receive
            + """
            set -u; umask 077; journal=$1; state=$2
            mkdir -p "$journal" && chmod 700 "$(dirname "$journal")" "$journal" || exit 1
            receive "$journal/journal.json.new" "$3" && printf '%s\n' "$state" > "$journal/state.new" || exit 1
            sync "$journal/journal.json.new" "$journal/state.new" || exit 1
            mv -f "$journal/journal.json.new" "$journal/journal.json" && mv -f "$journal/state.new" "$journal/state" && sync "$journal"
            """
    );

    /// <summary>Records where the restore stands. Arguments: journal directory, state.</summary>
    public static readonly RemoteCommand WriteState = new(
        "restore.write-state",
        """
        set -u; umask 077; journal=$1; state=$2
        [ -f "$journal/journal.json" ] || { echo "There is no journal in $journal." >&2; exit 1; }
        printf '%s\n' "$state" > "$journal/state.new" && sync "$journal/state.new" || exit 1
        mv -f "$journal/state.new" "$journal/state" && sync "$journal"
        """
    );

    /// <summary>
    /// Closes the journal of a restore that nobody will end, and hands the manifests that it holds aside to Start-EtcdControlPlane.
    /// Arguments: journal directory, the directory in which Stop-EtcdControlPlane holds manifests. Data, keys and what runs are not
    /// touched.
    /// </summary>
    public static readonly RemoteCommand Abandon = new(
        "restore.abandon",
        """
        set -u; umask 077; journal=$1; stopped=$2
        for file in "$journal/manifests"/*; do
            [ -e "$file" ] || continue
            mkdir -p "$stopped" && mv -n "$file" "$stopped/" && sync "$stopped" || exit 1
        done
        if [ -n "$(ls -A "$journal/manifests" 2>/dev/null)" ]; then
            echo "$stopped holds manifests of the same names; those in $journal/manifests stay." >&2; exit 1
        fi
        printf 'Abandoned\n' > "$journal/state.new" && sync "$journal/state.new" || exit 1
        mv -f "$journal/state.new" "$journal/state" && sync "$journal"
        """
    );

    /// <summary>
    /// <c>ours DIRECTORY</c>: whether nobody but root, and the account that etcd's data belongs to, can put anything in the way of a work
    /// directory, which lies beside or in the live data: root follows no link of theirs, and the directories that hold links on the way are
    /// looked at as those that they lead to. In a directory with the sticky bit nobody can replace what is root's.
    /// </summary>
    internal const string OursScript = """
        sole() {
            place=$(cd -P -- "$1" && pwd) || return 1
            sticky=0
            while :; do
                rights=$(stat -c '%u %g %a' -- "$place") || return 1
                user=${rights%% *}; mode=0${rights##* }; group=${rights#* }; group=${group% *}
                if [ "$user" != 0 ] && [ "$user" != "$keeper" ]; then
                    echo "$2 cannot be used: $place belongs to user $user, not to root." >&2; return 1
                fi
                if [ $((mode & sticky)) -eq 0 ] && [ $((mode & 022)) -ne 0 ]; then
                    echo "$2 cannot be used: others than root may write $place (mode $mode, group $group)." >&2; return 1
                fi
                [ "$place" != / ] || break
                place=${place%/*}; place=${place:-/}; sticky=01000
            done
        }
        ours() {
            kept=${1%/*}; kept=${kept%.etcddr}; keeper=$(stat -c %u -- "$kept" 2>/dev/null) || keeper=0
            if [ -L "$1" ] || [ -L "${1%/*}" ]; then echo "$1 cannot be used: a link stands in its way." >&2; return 1; fi
            part=$1
            while [ "$part" != / ]; do
                above=$(dirname -- "$part")
                if [ -L "$part" ]; then sole "$above" "$1" || return 1; fi
                part=$above
            done
            part=$1
            while [ ! -d "$part" ]; do part=$(dirname -- "$part"); done
            sole "$part" "$1"
        }

        """;

    /// <summary>How a database comes into the work directory: it has its name there when it is whole, as its SHA-256 says.</summary>
    private const string Incoming =
        OursScript
        + """
            incoming() {
                ours "$work" || exit 1
                note begin && mkdir -p "$work" && chmod 700 "$(dirname "$work")" "$work" || return 1
                rm -f "$work"/snapshot.db.part* && part=$work/snapshot.db.part.$$
            }
            if command -v openssl >/dev/null 2>&1; then sum() { openssl dgst -sha256 -r; }; else sum() { sha256sum; }; fi
            whole() {
                sync "$part" &
                got=$(sum < "$part"); summed=$?
                wait "$!" && [ "$summed" = 0 ] || return 1
                if [ "${got%% *}" != "$sum" ]; then echo "The database that arrived has SHA-256 ${got%% *}." >&2; exit 76; fi
                mv -f "$part" "$work/snapshot.db" && note done
            }

            """;

    /// <summary>
    /// Receives the database by standard input into the work directory and checks it. Arguments: journal directory, step, work directory,
    /// SHA-256, form in which it comes (<c>plain</c>, <c>gzip</c> or <c>zstd</c>). Status 76: what arrived is not what was sent.
    /// </summary>
    public static readonly RemoteCommand ReceiveDatabase = new(
        "restore.receive-database",
        NodeJournalScript.Prelude
            + Incoming
            + """
            work=$1; sum=$2; form=$3
            incoming || exit 1
            case $form in gzip) decode='gzip -dc';; zstd) decode='zstd -dcq';; *) decode=cat;; esac
            $decode > "$part" || exit 1
            whole || exit 1
            """
    )
    {
        AcceptedStatuses = [76],
        Timeout = TimeSpan.FromHours(2),
    };

    /// <summary>
    /// Offers the database that <see cref="ReceiveDatabase"/> put into the work directory to one peer, over TLS: only who has a certificate
    /// of the authority for etcd's peers is served. Arguments: work directory, address and port, certificate, key, authority. It says
    /// <c>ACCEPT</c> when it listens, and ends after two connections: a trial, and the transfer.
    /// </summary>
    public static readonly RemoteCommand OfferDatabase = new(
        "restore.offer-database",
        """
        cd "$1" && [ -f snapshot.db ] || { echo "There is no database in $1." >&2; exit 1; }
        set -- -accept "$2" -naccept 2 -HTTP -tls1_3 -cert "$3" -key "$4" -no-CApath -CAfile "$5" -Verify 5 -verify_return_error
        exec openssl s_server "$@" </dev/null
        """
    )
    {
        Timeout = TimeSpan.FromHours(2),
    };

    /// <summary>
    /// Takes the database from a peer that runs <see cref="OfferDatabase"/>, and checks it. Arguments: journal directory, step, work
    /// directory, SHA-256, address and port, <c>-verify_ip</c> or <c>-verify_hostname</c> and what the peer's certificate must be for, own
    /// certificate, key, authority. Status 76: what arrived is not what was sent. Status 77: the peer cannot be reached, or is not who it
    /// should be.
    /// </summary>
    public static readonly RemoteCommand FetchDatabase = new(
        "restore.fetch-database",
        NodeJournalScript.Prelude
            + Incoming
            + """
            work=$1; sum=$2; peer=$3; check=$4; name=$5; cert=$6; key=$7; ca=$8
            incoming || exit 1
            set -- -connect "$peer" -tls1_3 -cert "$cert" -key "$key" -no-CApath -CAfile "$ca" "$check" "$name" -verify_return_error
            said=$(timeout 10 openssl s_client "$@" -brief </dev/null 2>&1) || {
                echo "There is no TLS connection to $peer: $said" >&2; exit 77
            }
            printf 'GET /snapshot.db HTTP/1.0\r\n\r\n' | openssl s_client "$@" -quiet > "$part" || exit 77
            whole || exit 1
            """
    )
    {
        AcceptedStatuses = [76, 77],
        Timeout = TimeSpan.FromHours(2),
    };

    /// <summary>Receives a restore tool by standard input. Arguments: work directory, name, SHA-256. Status 76: it did not arrive
    /// whole.</summary>
    public static readonly RemoteCommand ReceiveTool = new(
        "restore.receive-tool",
        OursScript
            + """
            set -u; umask 077; work=$1; name=$2; sum=$3
            ours "$work" || exit 1
            mkdir -p "$work/tool" && chmod 700 "$(dirname "$work")" "$work" "$work/tool" || exit 1
            cat > "$work/tool/$name.part" && sync "$work/tool/$name.part" || exit 1
            got=$(sha256sum < "$work/tool/$name.part") || exit 1
            [ "${got%% *}" = "$sum" ] || exit 76
            chmod 755 "$work/tool/$name.part" && mv -f "$work/tool/$name.part" "$work/tool/$name"
            """
    )
    {
        AcceptedStatuses = [76],
        Timeout = TimeSpan.FromMinutes(30),
    };

    /// <summary>Reads the node's Kubernetes configuration as it is before a restore, as a compressed archive; without what kubeadm keeps of
    /// etcd in /etc/kubernetes/tmp.</summary>
    public static readonly RemoteCommand ArchiveConfiguration = new(
        "restore.archive-configuration",
        """
        tar -C / -czf - --exclude=etc/kubernetes/etcddr --exclude=etc/kubernetes/tmp etc/kubernetes
        """
    )
    {
        OutputIsSecret = true,
        Timeout = TimeSpan.FromMinutes(5),
    };

    /// <summary>
    /// Builds the new data directory beside the live one, and gives it the live one's owner and SELinux label. Arguments: journal
    /// directory, step, work directory, runtime endpoint (may be empty), source and name of the tool, <c>jail</c> or <c>root</c>, member
    /// name, initial cluster, token, peer URLs, by how much revisions are raised or <c>plain</c>, live data directory, work directory for
    /// the WAL (may be empty), name of the finished WAL below it (<c>staged</c>, or <c>staged/NAME</c> where the directory itself is
    /// swapped). The tool checks the hash that etcd appends to a snapshot; a database out of a data directory has none, and was read page
    /// by page before it was shipped. It is copied first, and runs in a jail that holds the database, read-only, and the directory
    /// that it fills; what it leaves there must be plain files and directories. Only where the node has no jail it runs as root. Prints a
    /// line that identifies the result.
    /// </summary>
    public static readonly RemoteCommand Build = new(
        "restore.build",
        NodeJournalScript.Prelude
            + ProgramScript.Bring
            + ProgramScript.Confined
            + OursScript
            + """
            work=$1; endpoint=$2; source=$3; program=$4; how=$5; name=$6; members=$7; token=$8; peers=$9; shift 9
            bump=$1; live=$2; walwork=$3; walstage=$4
            ours "$work" && { [ -z "$walwork" ] || ours "$walwork"; } && alone && note begin || exit 1
            tool=$work/tool/$program
            mkdir -p "$work/tool" && chmod 700 "$(dirname "$work")" "$work" "$work/tool" || exit 1
            if [ "$source" != held ]; then
                bring "$source" "$program" > "$tool.part" && [ -s "$tool.part" ] || {
                    echo "The tool $program could not be read: $source" >&2; exit 1
                }
                chmod 755 "$tool.part" && mv -f "$tool.part" "$tool" || exit 1
            fi
            rm -rf "$work/out" "$work/build" "$work/staged" "$work/stage.id" || exit 1
            stranger
            mkdir "$work/out" && chown "$uid:$uid" "$work/out" || exit 1
            chgrp "$uid" "$work/snapshot.db" && chmod 640 "$work/snapshot.db" || exit 1
            set -- --name "$name" --initial-cluster "$members" --initial-cluster-token "$token" --initial-advertise-peer-urls "$peers"
            if [ "$bump" != plain ]; then set -- "$@" --bump-revision "$bump" --mark-compacted; fi
            if [ $(($(stat -c %s "$work/snapshot.db") % 512)) -ne 32 ]; then set -- "$@" --skip-hash-check; fi
            if [ -n "$walwork" ]; then
                mkdir -p "$walwork" && chmod 700 "$(dirname "$walwork")" "$walwork" || exit 1
                rm -rf "$walwork/out" "$walwork/build" "$walwork/staged" || exit 1
                mkdir -p "$walwork/$(dirname "$walstage")" && mkdir "$walwork/out" && chown "$uid:$uid" "$walwork/out" || exit 1
            fi
            if [ "$how" = root ]; then
                if [ -n "$walwork" ]; then set -- "$@" --wal-dir "$walwork/out/build"; fi
                set -- snapshot restore "$work/snapshot.db" "$@" --data-dir "$work/out/build"
                env -i PATH="$PATH" ETCDCTL_API=3 "$tool" "$@" >&2 8>&- || exit 1
            elif [ -n "$walwork" ]; then
                confined --net ro "$tool" "$program" ro "$work/snapshot.db" snapshot.db rw "$work/out" out rw "$walwork/out" wal -- \
                    "/$program" snapshot restore /snapshot.db "$@" --data-dir /out/build --wal-dir /wal/build >&2 8>&- || exit 1
            else
                confined --net ro "$tool" "$program" ro "$work/snapshot.db" snapshot.db rw "$work/out" out -- \
                    "/$program" snapshot restore /snapshot.db "$@" --data-dir /out/build >&2 8>&- || exit 1
            fi
            for out in "$work/out" ${walwork:+"$walwork/out"}; do
                odd=$(find "$out" \( ! -type d ! -type f -o -type f -links +1 \) -print -quit) && [ -z "$odd" ] || {
                    echo "The tool left $odd behind, which is no plain file." >&2; exit 1
                }
                chown -R 0:0 "$out" && mv -T "$out/build" "${out%/out}/build" && rm -rf "$out" || exit 1
            done
            [ -s "$work/build/member/snap/db" ] || { echo 'The tool left no database behind.' >&2; exit 1; }
            same() {
                find "$1" -type d -exec chmod 00700 {} + && find "$1" -type f -exec chmod 600 {} + || return 1
                if [ -e "$live/member" ]; then reference=$live/member; else reference=$live; fi
                [ -e "$reference" ] || return 0
                chown -R --reference="$reference" "$1" || return 1
                if command -v selinuxenabled >/dev/null 2>&1 && selinuxenabled; then chcon -R --reference="$reference" "$1" || return 1; fi
            }
            same "$work/build" || exit 1
            if [ -n "$walwork" ]; then same "$walwork/build" || exit 1; fi
            sync -f "$work/build" || exit 1
            if [ -n "$walwork" ]; then sync -f "$walwork/build" && mv -T "$walwork/build" "$walwork/$walstage" || exit 1; fi
            mv -T "$work/build" "$work/staged" && rm -f "$work/snapshot.db" || exit 1
            stat -c '%i %s %Y' "$work/staged/member/snap/db" > "$work/stage.id" && sync "$work" "$work/stage.id" || exit 1
            cat "$work/stage.id"
            note done
            """
    )
    {
        Timeout = TimeSpan.FromMinutes(30),
    };

    /// <summary>
    /// Says where a restore stands on a node. Arguments: journal directory, name of etcd's manifest, work directory, work directory of the
    /// WAL (may be empty), name of the apiserver's manifest. Prints <c>state NAME</c> as the journal recorded it last, <c>swapped</c> where
    /// live data was taken aside (in whole or in part), <c>raised</c> where <see cref="ReturnRaised"/> put it back, <c>staged</c> where a
    /// stage is as <see cref="Build"/> left it, <c>held all|etcd|api</c> where manifests are held aside.
    /// </summary>
    public static readonly RemoteCommand Look = new(
        "restore.look",
        """
        journal=$1; etcd=$2; work=$3; api=$5
        if [ -f "$journal/state" ]; then echo "state $(cat "$journal/state")"; fi
        for place in "$3" "$4"; do
            [ -n "$place" ] || continue
            previous=$place/previous
            if [ -e "$previous.kept" ]; then echo raised; continue; fi
            if [ -e "$previous.moved" ] || [ -e "$previous.returning" ] || [ -n "$(ls -A "$previous" 2>/dev/null)" ]; then echo swapped; fi
        done
        if [ -f "$work/stage.id" ] && [ -f "$work/staged/member/snap/db" ]; then
            now=$(stat -c '%i %s %Y' "$work/staged/member/snap/db") || exit 1
            if [ "$now" = "$(cat "$work/stage.id")" ]; then echo staged; fi
        fi
        if [ -n "$(ls -A "$journal/manifests" 2>/dev/null)" ]; then echo 'held all'; fi
        if [ -e "$journal/manifests/$etcd" ]; then echo 'held etcd'; fi
        if [ -e "$journal/manifests/$api" ]; then echo 'held api'; fi
        exit 0
        """
    );

    /// <summary>
    /// Keeps a key or configuration file ready for the cutover; its content comes by standard input. Arguments: journal directory, name,
    /// length of the content, bytes.
    /// </summary>
    public static readonly RemoteCommand StageKey = new(
        "restore.stage-key",
        InputScript.Receive
            + """
            set -u; umask 077; journal=$1; name=$2
            mkdir -p "$journal/keys/new" || exit 1
            receive "$journal/keys/new/$name.part" "$3" && sync "$journal/keys/new/$name.part" || exit 1
            mv -f "$journal/keys/new/$name.part" "$journal/keys/new/$name" && sync "$journal/keys/new"
            """
    )
    {
        OutputIsSecret = true,
    };

    private const string Units = """
        moved() {
            for entry in "$1"/*; do
                if [ -e "$entry" ] && [ "${entry##*/}" != lost+found ]; then mv -T "$entry" "$2/${entry##*/}" || return 1; fi
            done
            sync "$1" "$2"
        }
        live() {
            if [ "$2" = '*' ]; then moved "$1" "$3"; return; fi
            if [ -e "$1/$2" ]; then mv -T "$1/$2" "$3/$2" && sync "$1" "$3"; fi
        }

        """;

    /// <summary>
    /// Takes the live data aside and puts the staged data in its place, by rename. Arguments: journal directory, step, then four for each
    /// directory: the live parent, the entry in it (<c>*</c> for all), the staged directory, the directory that keeps the previous data.
    /// The marker <c>.moved</c> beside the previous data says that the live place holds nothing old any more. Status 75: a process still
    /// holds the database.
    /// </summary>
    public static readonly RemoteCommand SwapData = new(
        "restore.swap-data",
        NodeJournalScript.Prelude
            + Units
            + """
            alone && note begin || exit 1
            swap() {
                if [ -e "$4.kept" ]; then echo "$4 keeps what was put back already." >&2; return 1; fi
                mkdir -p "$4" && chmod 700 "$4" || return 1
                if [ -e "$4.returning" ]; then moved "$4" "$1" && rm -f "$4.returning" || return 1; fi
                if [ ! -e "$4.moved" ]; then
                    if [ -e "$1/member/snap/db" ] && command -v flock >/dev/null 2>&1; then
                        flock -n -E 75 "$1/member/snap/db" true || { echo "A process still holds $1/member/snap/db." >&2; exit 75; }
                    fi
                    live "$1" "$2" "$4" && : > "$4.moved" && sync "$(dirname "$4")" || return 1
                fi
                moved "$3" "$1"
            }
            while [ $# -ge 4 ]; do swap "$1" "$2" "$3" "$4" || exit 1; shift 4; done
            note done
            """
    )
    {
        AcceptedStatuses = [75],
    };

    /// <summary>
    /// The inverse of <see cref="SwapData"/>: the new data goes back to where it was staged (or to where Undo keeps it), the previous data
    /// to its place. Same arguments. Where nothing was swapped it does nothing. Status 75: a process still holds the database.
    /// </summary>
    public static readonly RemoteCommand UnswapData = new(
        "restore.unswap-data",
        NodeJournalScript.Prelude
            + Units
            + """
            alone && note begin || exit 1
            unswap() {
                if [ ! -d "$4" ] || [ -e "$4.kept" ]; then return 0; fi
                if [ -e "$4.moved" ]; then
                    if [ -e "$1/member/snap/db" ] && command -v flock >/dev/null 2>&1; then
                        flock -n -E 75 "$1/member/snap/db" true || { echo "A process still holds $1/member/snap/db." >&2; exit 75; }
                    fi
                    mkdir -p "$3" && chmod 700 "$3" && live "$1" "$2" "$3" || return 1
                    mv -f "$4.moved" "$4.returning" && sync "$(dirname "$4")" || return 1
                fi
                moved "$4" "$1" && rm -f "$4.returning" && sync "$(dirname "$4")"
            }
            while [ $# -ge 4 ]; do unswap "$1" "$2" "$3" "$4" || exit 1; shift 4; done
            note done
            """
    )
    {
        AcceptedStatuses = [75],
    };

    /// <summary>
    /// Another inverse of <see cref="SwapData"/>, for what clients may have seen: the new data goes back to where it was staged, and the
    /// previous data is put in place as <see cref="Build"/> built it anew, with raised revisions. The previous data itself stays where it
    /// is kept; the marker <c>.kept</c> beside it says so. Arguments: journal directory, step, then five for each directory: the live
    /// parent, the entry in it (<c>*</c> for all), the staged directory, the directory that keeps the previous data, the one that holds it
    /// raised. Status 75: a process still holds the database.
    /// </summary>
    public static readonly RemoteCommand ReturnRaised = new(
        "restore.return-raised",
        NodeJournalScript.Prelude
            + Units
            + """
            alone && note begin || exit 1
            giveback() {
                if [ -e "$4.kept" ]; then return 0; fi
                if [ ! -e "$4.returning" ]; then
                    [ -n "$(ls -A "$5" 2>/dev/null)" ] || { echo "$5 holds no data." >&2; return 1; }
                    if [ -e "$1/member/snap/db" ] && command -v flock >/dev/null 2>&1; then
                        flock -n -E 75 "$1/member/snap/db" true || { echo "A process still holds $1/member/snap/db." >&2; exit 75; }
                    fi
                    mkdir -p "$3" "$4" && chmod 700 "$3" "$4" || return 1
                    if [ ! -e "$4.moved" ]; then live "$1" "$2" "$4" && : > "$4.moved" && sync "$(dirname "$4")" || return 1; fi
                    live "$1" "$2" "$3" && mv -f "$4.moved" "$4.returning" && sync "$(dirname "$4")" || return 1
                fi
                moved "$5" "$1" && mv -f "$4.returning" "$4.kept" && sync "$(dirname "$4")"
            }
            while [ $# -ge 5 ]; do giveback "$1" "$2" "$3" "$4" "$5" || exit 1; shift 5; done
            note done
            """
    )
    {
        AcceptedStatuses = [75],
    };

    /// <summary>
    /// Removes what is left of building the previous data anew: a copy of the tool, and what was built and not used. Arguments: the
    /// directories in which it was built (may be empty).
    /// </summary>
    public static readonly RemoteCommand DropRaised = new(
        "restore.drop-raised",
        OursScript
            + """
            set -u
            for place; do
                [ -n "$place" ] && [ -d "$place" ] || continue
                (ours "$place") || exit 1
                case $place in
                    *etcddr/*.raised) rm -rf "$place" || exit 1;;
                    *) echo "$place is not a directory of a restore." >&2; exit 1;;
                esac
            done
            """
    );

    private const string Keys = """
        place() {
            rm -f -- "$2.etcddr-new" && (set -C; cat -- "$1" > "$2.etcddr-new") || return 1
            if [ -e "$2" ]; then
                chown --reference="$2" "$2.etcddr-new" && chmod --reference="$2" "$2.etcddr-new" || return 1
                if command -v selinuxenabled >/dev/null 2>&1 && selinuxenabled; then chcon --reference="$2" "$2.etcddr-new" || return 1; fi
            fi
            sync "$2.etcddr-new" && mv -f "$2.etcddr-new" "$2" && sync "$(dirname "$2")"
        }

        """;

    /// <summary>
    /// Keeps each live key file and puts the staged one in its place in one step. Arguments: journal directory, step, then two for each
    /// file: the live path, the name under which it was staged.
    /// </summary>
    public static readonly RemoteCommand SwapKeys = new(
        "restore.swap-keys",
        NodeJournalScript.Prelude
            + Keys
            + """
            alone && note begin || exit 1
            kept=$journal/keys/previous
            mkdir -p "$kept" || exit 1
            while [ $# -ge 2 ]; do
                if [ ! -e "$kept/$2" ] && [ ! -e "$kept/$2.absent" ]; then
                    if [ -e "$1" ]; then
                        cp -pf "$1" "$kept/$2.part" && sync "$kept/$2.part" && mv -f "$kept/$2.part" "$kept/$2" || exit 1
                    else
                        : > "$kept/$2.absent" || exit 1
                    fi
                    sync "$kept" || exit 1
                fi
                place "$journal/keys/new/$2" "$1" || exit 1
                shift 2
            done
            note done
            """
    )
    {
        OutputIsSecret = true,
    };

    /// <summary>The inverse of <see cref="SwapKeys"/>; same arguments. A file that was not there before is taken aside.</summary>
    public static readonly RemoteCommand UnswapKeys = new(
        "restore.unswap-keys",
        NodeJournalScript.Prelude
            + Keys
            + """
            alone && note begin || exit 1
            kept=$journal/keys/previous
            while [ $# -ge 2 ]; do
                if [ -e "$kept/$2" ]; then place "$kept/$2" "$1" || exit 1; fi
                if [ -e "$kept/$2.absent" ] && [ -e "$1" ]; then
                    mkdir -p "$journal/keys/undone" && mv -f "$1" "$journal/keys/undone/$2" || exit 1
                fi
                shift 2
            done
            note done
            """
    )
    {
        OutputIsSecret = true,
    };

    /// <summary>
    /// Removes what a restore prepared and never used: the stage, the received database and an uploaded tool. Refuses where live data was
    /// taken aside. Arguments: journal directory, work directory, work directory for the WAL (may be empty). Prints the bytes that it
    /// freed.
    /// </summary>
    public static readonly RemoteCommand RemoveStage = new(
        "restore.remove-stage",
        OursScript
            + """
            set -u; journal=$1; work=$2; walwork=$3; freed=0
            for place in "$work" "$walwork"; do
                [ -n "$place" ] && [ -d "$place" ] || continue
                (ours "$place") || exit 1
                case $place in *etcddr/*) ;; *) echo "$place is not a directory of a restore." >&2; exit 1;; esac
                previous=$place/previous
                if [ -e "$previous.moved" ] || [ -e "$previous.returning" ] || [ -n "$(ls -A "$previous" 2>/dev/null)" ]; then
                    echo "$place/previous holds previous data; nothing was removed." >&2; exit 1
                fi
            done
            for place in "$work" "$walwork"; do
                [ -n "$place" ] && [ -d "$place" ] || continue
                freed=$((freed + $(du -s -B1 "$place" | cut -f1)))
                rm -rf "$place/staged" "$place/build" "$place/out" "$place/tool" "$place/stage.id" || exit 1
                rm -rf "$place/snapshot.db" "$place"/snapshot.db.part* || exit 1
                if [ -d "$place/previous" ]; then rmdir "$place/previous" || exit 1; fi
                rmdir "$place" || exit 1
                rmdir "$(dirname "$place")" 2>/dev/null
            done
            if [ -d "$journal" ] && [ -n "$(ls -A "$journal/manifests" 2>/dev/null)" ]; then
                echo "$journal/manifests holds manifests; it was kept." >&2; exit 1
            fi
            case $journal in *etcddr/*) rm -rf "$journal" || exit 1;; esac
            rmdir "$(dirname "$journal")" 2>/dev/null
            echo "$freed"
            """
    );

    /// <summary>
    /// Removes, on purpose, the data that a finished restore keeps. Arguments: journal directory, work directory, work directory for the
    /// WAL (may be empty), <c>remove</c> or <c>measure</c>. Prints the bytes. Refuses while manifests are held aside.
    /// </summary>
    public static readonly RemoteCommand RemoveBackup = new(
        "restore.remove-backup",
        OursScript
            + """
            set -u; journal=$1; work=$2; walwork=$3; mode=$4; freed=0
            if [ -n "$(ls -A "$journal/manifests" 2>/dev/null)" ]; then
                echo "$journal/manifests holds manifests; nothing was removed." >&2; exit 1
            fi
            for place in "$work" "$work.raised" "$walwork" ${walwork:+"$walwork.raised"} "$journal"; do
                [ -n "$place" ] && [ -d "$place" ] || continue
                case $place in *etcddr/*) ;; *) echo "$place is not a directory of a restore." >&2; exit 1;; esac
                [ "$place" = "$journal" ] || (ours "$place") || exit 1
                freed=$((freed + $(du -s -B1 "$place" | cut -f1)))
                [ "$mode" = remove ] || continue
                rm -rf "$place" || exit 1
                rmdir "$(dirname "$place")" 2>/dev/null
            done
            echo "$freed"
            """
    )
    {
        Timeout = TimeSpan.FromMinutes(10),
    };
}
