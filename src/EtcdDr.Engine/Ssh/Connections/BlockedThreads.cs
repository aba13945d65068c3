namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>
/// Keeps the thread pool ready for what SSH.NET blocks its threads with: a login and the start of a command for as long as the server takes
/// to answer, which is seconds on a long way, and a forwarded connection for as long as it lives. Beyond its minimum (the number of
/// processors) the pool starts a new thread only twice a second: with many nodes at once, all of them, and the kube API's answers too,
/// would wait for that and run into their limits.
/// </summary>
internal static class BlockedThreads
{
    // A connection: its login, then commands that start side by side. A port: a client may open a second connection before the first is
    // closed.
    private const int ForEach = 3;
    private const int Most = 512;

    private static readonly object Gate = new();
    private static int _open;

    /// <summary>Counts a connection or a forwarded port that is about to be opened.</summary>
    public static void Reserve() => Count(1);

    /// <summary>Counts one that was closed. The pool keeps its minimum; its threads end by themselves when they are idle.</summary>
    public static void Release() => Count(-1);

    private static void Count(int change)
    {
        lock (Gate)
        {
            _open += change;
            ThreadPool.GetMinThreads(out var workers, out var completions);
            var wanted = Math.Min(Most, Environment.ProcessorCount + (ForEach * _open));
            if (wanted > workers)
            {
                ThreadPool.SetMinThreads(wanted, completions);
            }
        }
    }
}
