using System.Formats.Tar;
using System.IO.Compression;
using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using System.Text;

namespace EtcdDr.Engine.Objects.Sources;

/// <summary>
/// Objects out of files: manifests in YAML or JSON, directories of them with all below, and archives of such directories (.tar, .tar.gz,
/// .tgz; the MAA scripts call theirs .gz). What a manifest is called says nothing of what is in it. An archive that lies in a directory is
/// passed over, since the scripts leave theirs beside what is in it.
/// </summary>
/// <param name="fail">Is told of a file that cannot be read; the others go on.</param>
public sealed class ManifestSource(Action<EtcdDrException> fail)
{
    private const long LargestFile = 256L * 1024 * 1024;

    /// <summary>Reads the objects of a file, a directory or an archive, one after the other.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public async IAsyncEnumerable<KubeObject> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var file in Files(path))
        {
            await foreach (var item in ReadFileAsync(file, cancellationToken))
            {
                yield return item;
            }
        }
    }

    private IReadOnlyList<string> Files(string path)
    {
        if (!Directory.Exists(path))
        {
            return [path];
        }

        try
        {
            // Links to directories are not followed: they may lead in a circle.
            var files = new FileSystemEnumerable<string>(
                path,
                (ref FileSystemEntry entry) => entry.ToFullPath(),
                new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false }
            )
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory && IsManifest(entry.FileName),
                ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
            };
            return [.. files.Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fail(ObjectErrors.ObjectFileUnreadable(path, e));
            return [];
        }
    }

    private async IAsyncEnumerable<KubeObject> ReadFileAsync(string file, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (IsArchive(file))
        {
            await foreach (var (name, text) in ArchiveAsync(file, cancellationToken))
            {
                foreach (var item in Parse(text, $"{file}:{name}"))
                {
                    yield return item;
                }
            }

            yield break;
        }

        if (await TextAsync(file, cancellationToken) is { } content)
        {
            foreach (var item in Parse(content, file))
            {
                yield return item;
            }
        }
    }

    private async Task<string?> TextAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return new FileInfo(file).Length > LargestFile
                ? throw ObjectErrors.ObjectFileInvalid(file, Errors.ObjectFileInvalid_TooLarge_Part.With(LargestFile))
                : await File.ReadAllTextAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fail(ObjectErrors.ObjectFileUnreadable(file, e));
        }
        catch (EtcdDrException e)
        {
            fail(e);
        }

        return null;
    }

    private async IAsyncEnumerable<(string Name, string Text)> ArchiveAsync(
        string file,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var content = Open(file);
        if (content is null)
        {
            yield break;
        }

        await using var tar = new TarReader(content);
        while (await NextAsync(tar, file, cancellationToken) is { } entry)
        {
            if (entry.Text is { } text)
            {
                yield return (entry.Name, text);
            }
        }
    }

    private Stream? Open(string file)
    {
        try
        {
            var content = File.OpenRead(file);
            return file.EndsWith(".tar", StringComparison.OrdinalIgnoreCase)
                ? content
                : new GZipStream(content, CompressionMode.Decompress);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fail(ObjectErrors.ObjectFileUnreadable(file, e));
            return null;
        }
    }

    // The next file; its text is null where it is no manifest. Null at the end, and where the archive is broken.
    private async Task<(string Name, string? Text)?> NextAsync(TarReader tar, string file, CancellationToken cancellationToken)
    {
        try
        {
            if (await tar.GetNextEntryAsync(copyData: false, cancellationToken) is not { } entry)
            {
                return null;
            }

            if (
                entry is not { EntryType: TarEntryType.RegularFile or TarEntryType.V7RegularFile, DataStream: { } data }
                || !IsManifest(Path.GetFileName(entry.Name))
            )
            {
                return (entry.Name, null);
            }

            if (entry.Length > LargestFile)
            {
                fail(ObjectErrors.ObjectFileInvalid($"{file}:{entry.Name}", Errors.ObjectFileInvalid_TooLarge_Part.With(LargestFile)));
                return (entry.Name, null);
            }

            using var reader = new StreamReader(data, Encoding.UTF8, leaveOpen: true);
            return (entry.Name, await reader.ReadToEndAsync(cancellationToken));
        }
        catch (Exception e) when (e is IOException or InvalidDataException or FormatException)
        {
            fail(ObjectErrors.ObjectFileUnreadable(file, e));
            return null;
        }
    }

    private List<KubeObject> Parse(string text, string place)
    {
        try
        {
            return [.. ManifestText.Read(text, place)];
        }
        catch (EtcdDrException e)
        {
            fail(e);
            return [];
        }
    }

    private static bool IsManifest(ReadOnlySpan<char> name) => !name.StartsWith('.') && EndsWith(name, ".yaml", ".yml", ".json");

    private static bool IsArchive(ReadOnlySpan<char> name) => EndsWith(name, ".tar", ".tgz", ".gz");

    private static bool EndsWith(ReadOnlySpan<char> name, params ReadOnlySpan<string> endings)
    {
        foreach (var ending in endings)
        {
            if (name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
