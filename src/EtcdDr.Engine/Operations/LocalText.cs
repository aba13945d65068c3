using System.Text;

namespace EtcdDr.Engine.Operations;

/// <summary>Texts of people on this machine (profiles, kubeconfigs) that are replaced whole or not at all.</summary>
internal static class LocalText
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Permissions that leave it to the umask who reads a new file.</summary>
    public const UnixFileMode ByUmask =
        OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Permissions of a new file that may hold keys.</summary>
    public const UnixFileMode Secret = OwnerOnly;

    /// <summary>Writes a text beside its place and renames it over what stands there. A link is followed, and a file that is there keeps
    /// its permissions.</summary>
    /// <param name="path">Where it goes.</param>
    /// <param name="text">The text, which becomes UTF-8.</param>
    /// <param name="modeOfNew">Permissions where no file is there yet.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The account may not write there.</exception>
    public static void Replace(string path, string text, UnixFileMode modeOfNew)
    {
        var exists = File.Exists(path);
        var place = exists ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        var beside = $"{place}.{Guid.NewGuid():N}.new";
        try
        {
            Write(beside, text, exists ? OwnerOnly : modeOfNew);
            if (exists && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(beside, File.GetUnixFileMode(place));
            }

            File.Move(beside, place, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }

    private static void Write(string path, string text, UnixFileMode mode)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using var stream = new FileStream(path, options);
        stream.Write(Encoding.UTF8.GetBytes(text));
        stream.Flush(flushToDisk: true);
    }
}
