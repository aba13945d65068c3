using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots;

/// <summary>What runs on an SSH host that holds snapshots: as its SSH user, never as root.</summary>
public static class SnapshotStoreCommands
{
    /// <summary>Tells whether commands can be run there at all; an SFTP-only account answers otherwise. <c>$1</c>: a word that comes back.</summary>
    public static readonly RemoteCommand Probe = new("snapshot.probe", "printf '%s' \"$1\"") { AsRoot = false, Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>
    /// SHA-256 of blocks of a file, one line each. <c>$1</c>: the file; <c>$2</c>: where the first begins, MiB; <c>$3</c>: size of a block, MiB;
    /// <c>$4</c>: how many. openssl uses the processor's SHA instructions, which sha256sum often does not.
    /// </summary>
    public static readonly RemoteCommand BlockSums = new(
        "snapshot.block-sums",
        """
        [ -r "$1" ] || { echo "$1 cannot be read" >&2; exit 1; }
        if command -v openssl >/dev/null 2>&1; then sum() { openssl dgst -sha256 -r; }; else sum() { sha256sum; }; fi
        i=0
        while [ "$i" -lt "$4" ]; do
          dd if="$1" bs=1048576 skip="$(($2 + i * $3))" count="$3" 2>/dev/null | sum || exit 1
          i=$((i + 1))
        done
        """)
    {
        AsRoot = false,
    };

    /// <summary>SHA-256 of files, one line each. <c>$1</c> and on: the files.</summary>
    public static readonly RemoteCommand FileSums = new(
        "snapshot.file-sums",
        """
        if command -v openssl >/dev/null 2>&1; then sum() { openssl dgst -sha256 -r; }; else sum() { sha256sum; }; fi
        for file; do
          sum < "$file" || exit 1
        done
        """)
    {
        AsRoot = false,
    };

    /// <summary>Removes a symbolic link, not what it leads to (SSH.NET's SFTP resolves links before it removes). <c>$1</c>: the link.</summary>
    public static readonly RemoteCommand Unlink = new("snapshot.unlink", "if [ -L \"$1\" ]; then rm -f -- \"$1\"; fi") { AsRoot = false };

    /// <summary>Cuts a file to a length. <c>$1</c>: the file; <c>$2</c>: the length, bytes.</summary>
    public static readonly RemoteCommand Cut = new("snapshot.cut", "truncate -s \"$2\" -- \"$1\"") { AsRoot = false };

    /// <summary>Brings files or directories to disk. <c>$1</c> and on: their paths.</summary>
    public static readonly RemoteCommand Sync = new("snapshot.sync", "sync -- \"$@\"")
    {
        AsRoot = false,
        Timeout = TimeSpan.FromMinutes(10),
    };
}
