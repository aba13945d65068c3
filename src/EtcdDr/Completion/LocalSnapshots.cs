using System.Collections;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Completion;

/// <summary>Snapshots of this machine, for completers. A place on another host has none: nothing is connected to while a line is
/// typed.</summary>
internal static class LocalSnapshots
{
    // A slow file system must not hold up the prompt.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    /// <summary>Snapshots under the path that is typed already, or in the current directory.</summary>
    public static IReadOnlyList<EtcdSnapshot> Under(IDictionary boundParameters) =>
        In(
            boundParameters["Path"] switch
            {
                string one => one,
                IEnumerable several => several.Cast<object>().FirstOrDefault()?.ToString() ?? ".",
                _ => ".",
            }
        );

    /// <summary>Snapshots directly in a directory, newest first.</summary>
    public static IReadOnlyList<EtcdSnapshot> In(string path)
    {
        if (SnapshotLocation.IsRemote(path))
            return [];

        using var limit = new CancellationTokenSource(Limit);
        var catalog = new SnapshotCatalog(new SshHostFactory(), new OperationContext(new Silence()));
        var found = catalog.FindAsync(new SnapshotLocation(CompletionLocation.Resolve(path)), null, limit.Token).GetAwaiter().GetResult();
        return [.. found.Reverse()];
    }

    /// <summary>What a completer would have to say is told by the cmdlet when it runs.</summary>
    private sealed class Silence : IOperationSink
    {
        public void Verbose(string message) { }

        public void Information(string message) { }

        public void Warning(string message) { }

        public void Error(EtcdDrException error) { }

        public void Progress(ProgressUpdate update) { }
    }
}
