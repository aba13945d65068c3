using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd;

/// <summary>What is run on a node to read its member's database file, which nothing here writes to.</summary>
public static class MemberDatabaseCommands
{
    /// <summary>Exit status: there is no such file.</summary>
    internal const int Missing = 66;

    /// <summary>
    /// Reads a part of a database file. Arguments: the file, how many KiB to skip, how many to read. Prints a line with the file's length
    /// and the time of its last writing (seconds of Unix), then the bytes. They hold all that the cluster keeps secret, so they are never
    /// logged. Status 66: there is no such file.
    /// </summary>
    public static readonly RemoteCommand ReadPart = new(
        "database.read-part",
        """
        [ -f "$1" ] || exit 66
        stat -L -c '%s %Y' "$1" && dd if="$1" bs=1024 skip="$2" count="$3" 2>/dev/null
        """
    )
    {
        AcceptedStatuses = [Missing],
        OutputIsSecret = true,
    };

    /// <summary>Exit status: a process still holds the database, so that it may change under the reader.</summary>
    internal const int InUse = 75;

    /// <summary>
    /// Reads a database file whole. Argument: the file, of which no etcd may be running. It holds all that the cluster keeps secret, so it
    /// is never logged. Status 66: there is no such file. Status 75: a process still holds it.
    /// </summary>
    public static readonly RemoteCommand ReadWhole = new(
        "database.read",
        """
        [ -f "$1" ] || exit 66
        if command -v flock >/dev/null 2>&1; then flock -n -E 75 "$1" true || exit 75; fi
        exec cat "$1"
        """
    )
    {
        AcceptedStatuses = [Missing, InUse],
        OutputIsSecret = true,
        Timeout = TimeSpan.FromHours(2),
    };
}
