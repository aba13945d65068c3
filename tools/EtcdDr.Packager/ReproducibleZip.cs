using System.IO.Compression;

namespace EtcdDr.Packager;

/// <summary>Writes zip files whose bytes depend on nothing but their contents (and the runtime's deflate).</summary>
public static class ReproducibleZip
{
    // The beginning of the format's calendar.
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    // A regular file, rw-r--r--, in the half that Unix reads.
    private const int Attributes = 0x81A4 << 16;

    /// <summary>Writes files in the order that is given.</summary>
    public static byte[] Write(IEnumerable<PackageFile> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        using var buffer = new MemoryStream();
        using (var zip = new ZipArchive(buffer, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var file in files)
            {
                var entry = zip.CreateEntry(file.Path, CompressionLevel.Optimal);
                entry.LastWriteTime = Time;
                entry.ExternalAttributes = Attributes;
                using var stream = entry.Open();
                stream.Write(file.Content);
            }
        }

        return buffer.ToArray();
    }
}
