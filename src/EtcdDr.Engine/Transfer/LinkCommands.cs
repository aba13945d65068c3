using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Transfer;

/// <summary>What runs on a host to find out about the link to it: as its SSH user, never as root.</summary>
public static class LinkCommands
{
    /// <summary>Takes what comes by standard input and drops it.</summary>
    public static readonly RemoteCommand Drop = new("link.drop", "cat > /dev/null") { AsRoot = false, Timeout = TimeSpan.FromMinutes(2) };

    /// <summary>Says whether the host can unpack gzip: prints <c>gzip</c> or nothing.</summary>
    public static readonly RemoteCommand FindGzip = new("link.find-gzip", "if command -v gzip >/dev/null 2>&1; then echo gzip; fi")
    {
        AsRoot = false,
    };
}
