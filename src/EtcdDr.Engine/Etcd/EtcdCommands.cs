using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd;

/// <summary>What is run on a node to talk to its etcd member.</summary>
public static class EtcdCommands
{
    /// <summary>Stands before each file that <see cref="ReadCredentials"/> prints, followed by the file's path.</summary>
    internal const string FileMarker = "#etcddr-file ";

    /// <summary>Exit status of <see cref="ReadCredentials"/>: the CA file cannot be read.</summary>
    internal const int CaMissing = 66;

    /// <summary>
    /// Prints etcd's CA (<c>$1</c>) and each of the following pairs of certificate and key that stands there, each file after a line that
    /// names it. One command for all, because a round trip to a far site costs more than a few kilobytes. Holds keys, so its output is
    /// never logged.
    /// </summary>
    public static readonly RemoteCommand ReadCredentials = new(
        "etcd.read-credentials",
        """
        [ -r "$1" ] || exit 66
        printf '#etcddr-file %s\n' "$1"; cat "$1" || exit 66; echo
        shift
        while [ $# -ge 2 ]; do
          if [ -r "$1" ] && [ -r "$2" ]; then
            printf '#etcddr-file %s\n' "$1"; cat "$1"; echo
            printf '#etcddr-file %s\n' "$2"; cat "$2"; echo
          fi
          shift 2
        done
        """
    )
    {
        Timeout = TimeSpan.FromSeconds(20),
        AcceptedStatuses = [CaMissing],
        OutputIsSecret = true,
    };
}
