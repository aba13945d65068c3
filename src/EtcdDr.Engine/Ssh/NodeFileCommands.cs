namespace EtcdDr.Engine.Ssh;

/// <summary>Remote commands on files of a node that several subjects need.</summary>
public static class NodeFileCommands
{
    /// <summary>Writes a file (<c>$1</c>) to standard output. Its content may be a key.</summary>
    public static readonly RemoteCommand ReadFile = new("file.read", "exec cat -- \"$1\"") { OutputIsSecret = true };
}
