namespace EtcdDr.Engine.Ssh;

/// <summary>Remote commands that the SSH layer itself needs.</summary>
internal static class SshCommands
{
    /// <summary>Finds bash, which <see cref="Relay"/> needs, where the SSH server forwards no connections. Prints its path.</summary>
    public static readonly RemoteCommand FindRelay = new("ssh.find-relay", "command -v bash")
    {
        AsRoot = false,
        Timeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>
    /// Carries one TCP connection over standard input and output, in place of a forwarded port. Arguments: address, port. It ends when
    /// either side does.
    /// </summary>
    public static readonly RemoteCommand Relay = new(
        "ssh.relay",
        """
        relay='exec 3<>"/dev/tcp/$1/$2" 4<&0 || exit 1; cat <&3 & cat <&4 >&3 & wait -n; kill %1 %2 2>/dev/null; exit 0'
        exec bash -c "$relay" relay "$1" "$2"
        """
    )
    {
        AsRoot = false,
        OutputIsSecret = true,
        Timeout = TimeSpan.FromHours(24),
    };

    /// <summary>Does nothing: what comes all the same is written by the login shell.</summary>
    public static readonly RemoteCommand Listen = new("ssh.listen", ":") { AsRoot = false, Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>
    /// Ends a run that was given up, by its tag (<c>$1$2</c>, in halves, so that this command does not find itself), and waits until it is
    /// gone. The run may still be on its way through sudo and not be seen yet, so it is looked for up to four seconds. Ending
    /// <c>timeout</c> ends all below it.
    /// </summary>
    public static readonly RemoteCommand EndRun = new(
        "ssh.end-run",
        """
        tries=0
        seen=
        while [ "$tries" -lt 40 ]; do
            found=$(grep -lzxF "--regexp=$1$2" /proc/[0-9]*/cmdline 2>/dev/null)
            for place in $found; do
                seen=yes
                place=${place#/proc/}
                kill -TERM "${place%/cmdline}" 2>/dev/null
            done
            [ -z "$found" ] && [ -n "$seen" ] && exit 0
            tries=$((tries + 1))
            sleep 0.1
        done
        [ -z "$seen" ]
        """
    )
    {
        Timeout = TimeSpan.FromSeconds(8),
    };
}
