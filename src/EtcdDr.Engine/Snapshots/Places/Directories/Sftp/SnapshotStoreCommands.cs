using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Places.Directories.Sftp;

/// <summary>What runs on an SSH host that holds snapshots: as its SSH user, never as root.</summary>
public static class SnapshotStoreCommands
{
    /// <summary>
    /// Says whether commands can be run there at all; an SFTP-only account answers otherwise. <c>$1</c>: a word that comes back, with
    /// <c> receive</c> behind it where the tools are there that <see cref="Receive"/> needs.
    /// </summary>
    public static readonly RemoteCommand Probe = new(
        "snapshot.probe",
        """
        printf '%s' "$1"
        if stat -c %s / >/dev/null 2>&1 && command -v truncate >/dev/null 2>&1 &&
          printf x | dd bs=1048576 count=1 iflag=fullblock oflag=append conv=notrunc status=none >/dev/null 2>&1; then
          printf ' receive'
        fi
        """
    )
    {
        AsRoot = false,
        Timeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>
    /// Writes standard input to a file from an offset on and prints the SHA-256 of what the file then holds, and its length. <c>$1</c>: the
    /// file; <c>$2</c>: the offset, bytes, a multiple of 1 MiB; <c>$3</c>: <c>plain</c>, or <c>gzip</c> where it comes compressed;
    /// <c>$4</c>: where the sum begins, bytes, at the offset or before it, a multiple of 1 MiB. While the next 32 MiB arrive, those before
    /// are read back for the sum and sent to the disk. By 64 KiB at a time, which stay in the processor's cache: by 1 MiB, writing alone
    /// took three times as long.
    /// </summary>
    public static readonly RemoteCommand Receive = new(
        "snapshot.receive",
        """
        umask 077; file=$1; from=$2; form=$3; sum_from=$4
        : >> "$file" && chmod 600 -- "$file" && truncate -s "$from" -- "$file" || exit 1
        if command -v openssl >/dev/null 2>&1; then sum() { openssl dgst -sha256 -r; }; else sum() { sha256sum; }; fi
        take() {
          had=$from
          while dd bs=65536 count=512 iflag=fullblock oflag=append conv=notrunc of="$file" status=none; do
            has=$(stat -c %s -- "$file") || return 1
            [ "$has" -gt "$had" ] || return 0
            had=$has
            echo "$has"
          done
          return 1
        }
        read_back() {
          at=$((from / 1048576))
          if [ "$sum_from" -ne "$from" ]; then
            dd if="$file" bs=65536 skip="$((sum_from / 65536))" count="$((at * 16 - sum_from / 65536))" status=none || exit 1
          fi
          while read -r has; do
            sync -d -- "$file" 2>/dev/null &
            dd if="$file" bs=65536 skip="$((at * 16))" count="$((has / 1048576 * 16 - at * 16))" status=none || exit 1
            at=$((has / 1048576))
            wait
          done
          dd if="$file" bs=65536 skip="$((at * 16))" status=none
        }
        write() { take || echo failed >&3; }
        unpack() { if [ "$form" = gzip ]; then gzip -dc | write; else write; fi; }
        answer=$({ unpack | read_back | sum; } 3>&1) || exit 1
        case $answer in *failed*) exit 1;; esac
        printf '%s %s\n' "${answer%% *}" "$(stat -c %s -- "$file")"
        """
    )
    {
        AsRoot = false,
        Timeout = TimeSpan.FromHours(12),
    };

    /// <summary>
    /// SHA-256 of blocks of a file, one line each. <c>$1</c>: the file; <c>$2</c>: where the first begins, MiB; <c>$3</c>: size of a block,
    /// MiB; <c>$4</c>: how many. openssl uses the processor's SHA instructions, which sha256sum often does not.
    /// </summary>
    public static readonly RemoteCommand BlockSums = new(
        "snapshot.block-sums",
        """
        [ -r "$1" ] || { echo "$1 cannot be read" >&2; exit 1; }
        if command -v openssl >/dev/null 2>&1; then sum() { openssl dgst -sha256 -r; }; else sum() { sha256sum; }; fi
        i=0
        while [ "$i" -lt "$4" ]; do
          dd if="$1" bs=65536 skip="$((($2 + i * $3) * 16))" count="$(($3 * 16))" 2>/dev/null | sum || exit 1
          i=$((i + 1))
        done
        """
    )
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
        """
    )
    {
        AsRoot = false,
    };

    /// <summary>Removes a symbolic link, not what it leads to (SSH.NET's SFTP resolves links before it removes). <c>$1</c>: the
    /// link.</summary>
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
