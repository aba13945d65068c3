using System.Globalization;
using EtcdDr.Engine.ControlPlane.Manifests;

namespace EtcdDr.Engine.Snapshots.Keys;

/// <summary>
/// Whether a node's apiserver encrypts by the configuration that lies on the node. It reads the file when it starts; whoever replaces it
/// without a restart leaves values behind, in etcd and in snapshots, that the file's keys may not read.
/// </summary>
/// <param name="Changed">When the file was changed or replaced, UTC.</param>
/// <param name="Readers">Processes that were started with it.</param>
internal sealed record EncryptionInUse(DateTime Changed, IReadOnlyList<EncryptionInUse.Reader> Readers)
{
    private const string ReloadFlag = "encryption-provider-config-automatic-reload";

    // Clocks of processes tick by hundredths, and the time of the boot is told no better.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(0.1);

    /// <summary>Reads what <see cref="SnapshotCommands.EncryptionInUse"/> printed; null where that cannot be told.</summary>
    public static EncryptionInUse? Parse(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).ToList();
        double? Number(string name) => lines.Where(l => l[0] == name && l.Length == 2).Select(l => Value(l[1])).FirstOrDefault();
        if (
            Number("changed") is not { } changed
            || Number("now") is not { } now
            || Number("up") is not { } up
            || Number("ticks") is not ({ } ticks and > 0)
        )
        {
            return null;
        }

        var readers =
            from line in lines
            where line[0] == "process" && line.Length == 3
            let begun = Value(line[1])
            where begun is not null
            select new Reader(Time(now - up + (begun.Value / ticks)), line[2] == "other");
        return new EncryptionInUse(Time(changed), [.. readers]);
    }

    /// <summary>What to say of it; null where the apiserver uses the file, or where nothing is known. Pure.</summary>
    /// <param name="node">The node.</param>
    /// <param name="apiServer">Its apiserver.</param>
    public string? Warning(string node, ApiServerConfiguration apiServer)
    {
        var path = apiServer.EncryptionProviderConfig;
        var reloads = apiServer.Flags.Last(ReloadFlag)?.ToUpperInvariant() is "TRUE" or "T" or "1";
        var stale = Readers.Where(r => r.Started < Changed - Tolerance && (!reloads || r.SeesAnother)).ToList();
        if (stale.Count == 0)
        {
            return null;
        }

        var what = reloads
            ? $"The apiserver of node {node} reloads its encryption configuration by itself, but {path} was replaced at {Text(Changed)}, "
                + "and its pod, which mounts that file alone, has the one of before"
            : $"The encryption configuration {path} of node {node} was changed at {Text(Changed)}, after its apiserver started at "
                + $"{Text(stale.Min(r => r.Started))}";
        return what
            + ": it encrypts by what it read then, and the snapshot holds the file as it is now. Values may be in the snapshot that these "
            + $"keys do not read. Restart that apiserver, or put the file back that it read, and take another snapshot{Advice(reloads)}.";
    }

    private static string Advice(bool reloads) =>
        reloads
            ? "; a mount of the file's directory lets it see the next change"
            : $"; --{ReloadFlag}=true makes it read changes by itself";

    private static double? Value(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static DateTime Time(double seconds) => DateTime.UnixEpoch.AddSeconds(seconds);

    private static string Text(DateTime time) => time.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A process that was started with the file.</summary>
    /// <param name="Started">When, UTC.</param>
    /// <param name="SeesAnother">Whether what it sees under the file's path is another file than the node's.</param>
    internal sealed record Reader(DateTime Started, bool SeesAnother);
}
