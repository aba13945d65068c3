namespace EtcdDr.Engine.Ssh.Connections;

/// <summary>
/// Keeps the thread pool ready for forwarded ports. SSH.NET blocks one of its threads for as long as a forwarded connection lives, and beyond its minimum (the
/// number of processors) the pool starts a new one only twice a second: with many nodes at once, handshakes would wait for that and run into their limits.
/// </summary>
internal static class ForwardingThreads
{
    // A client may open a second connection through the same port before the first is closed.
    private const int ForEach = 3;
    private const int Most = 512;

    private static readonly object Gate = new();
    private static int _open;

    /// <summary>Counts a port that is about to be opened.</summary>
    public static void Reserve() => Count(1);

    /// <summary>Counts a port that was closed. The pool keeps its minimum; its threads end by themselves when they are idle.</summary>
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
