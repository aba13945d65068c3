using System.Text;
using EtcdDr.Engine.Objects.Cleaning;
using EtcdDr.Engine.Objects.Sources;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Objects.Export;

/// <summary>Files of objects in the layout of the MAA scripts: a directory for each namespace, in it <c>name.plural.group.yaml</c>; what
/// belongs to no namespace beside them. Only their owner reads them: some are secrets.</summary>
public static class ObjectFile
{
    private static readonly HashSet<char> NotInNames = ['<', '>', ':', '"', '/', '\\', '|', '?', '*', '%'];

    /// <summary>The path of an object's file, below the directory of an export.</summary>
    public static string PathOf(KubeObject item)
    {
        if (item.Is("Namespace"))
        {
            return Path.Combine(Safe(item.Name), $"{Safe(item.Name)}.yaml");
        }

        var group = item.Group.Length == 0 ? string.Empty : $".{Safe(item.Group)}";
        var file = $"{Safe(item.Name)}.{Safe(KindNames.Plural(item.Kind))}{group}.yaml";
        return item.Namespace is { } space ? Path.Combine(Safe(space), file) : file;
    }

    /// <summary>Why an object goes into no other cluster, as a sentence; null where it does.</summary>
    public static string? WhyLeftOut(KubeObject item) => LeftOut.Reason(item, new CleaningOptions());

    /// <summary>The object as it goes into another cluster.</summary>
    public static KubeObject Cleaned(KubeObject item) => ObjectCleaner.Clean(item, new CleaningOptions()).Item;

    /// <summary>Writes an object's file.</summary>
    /// <param name="directory">The directory of the export; made if it is not there.</param>
    /// <param name="item">The object.</param>
    /// <param name="overwrite">Whether a file that is there and holds something else is replaced.</param>
    /// <param name="cancellationToken">Stops it before anything is written.</param>
    /// <returns>The file's path.</returns>
    /// <exception cref="EtcdDrException"><c>AlreadyExists</c>, <c>ObjectFileUnwritable</c>.</exception>
    public static async Task<string> WriteAsync(string directory, KubeObject item, bool overwrite, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var path = Path.Combine(directory, PathOf(item));
        var content = Encoding.UTF8.GetBytes(YamlDocument.Write(item.Body));
        try
        {
            MakeDirectory(directory);
            MakeDirectory(Path.GetDirectoryName(path)!);
            if (File.Exists(path))
            {
                var there = await File.ReadAllBytesAsync(path, cancellationToken);
                if (there.AsSpan().SequenceEqual(content))
                {
                    return path;
                }

                if (!overwrite)
                {
                    throw ObjectErrors.FileExists(path);
                }
            }

            // Whole or not at all: what was there stays until the new file is on disk.
            var draft = $"{path}.{Guid.NewGuid():N}.tmp";
            await using (var file = PosixFiles.OpenWrite(draft, FileMode.CreateNew))
            {
                await file.WriteAsync(content, CancellationToken.None);
                file.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
            return path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw ObjectErrors.FileUnwritable(path, e);
        }
    }

    private static void MakeDirectory(string path)
    {
        if (!Directory.Exists(path))
        {
            PosixFiles.TryCreateDirectory(path);
        }
    }

    // Names out of files can be anything; a file of one must lie where it should, on any system.
    private static string Safe(string name) =>
        name is "." or ".." ? name.Replace(".", "%2E", StringComparison.Ordinal)
        : name.Any(c => NotInNames.Contains(c) || char.IsControl(c))
            ? string.Concat(name.Select(c => NotInNames.Contains(c) || char.IsControl(c) ? $"%{(int)c:X2}" : c.ToString()))
        : name;
}
