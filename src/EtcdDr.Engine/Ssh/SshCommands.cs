namespace EtcdDr.Engine.Ssh;

/// <summary>Remote commands that the SSH layer itself needs.</summary>
internal static class SshCommands
{
    /// <summary>
    /// Ends a run that was given up, by its tag (<c>$1$2</c>, in halves, so that this command does not find itself). Ending <c>timeout</c> ends all
    /// that runs below it.
    /// </summary>
    public static readonly RemoteCommand EndRun = new(
        "ssh.end-run",
        """
        for found in $(grep -lzxF "--regexp=$1$2" /proc/[0-9]*/cmdline 2>/dev/null); do
            found=${found#/proc/}
            kill -TERM "${found%/cmdline}" 2>/dev/null
        done
        exit 0
        """) { Timeout = TimeSpan.FromSeconds(5) };
}
