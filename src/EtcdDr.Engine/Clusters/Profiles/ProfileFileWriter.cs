using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Writes new profiles, for their owner only: one that others may write to would not count.</summary>
public static class ProfileFileWriter
{
    /// <summary>Writes a profile; directories that are missing are made.</summary>
    /// <param name="path">The file, absolute.</param>
    /// <param name="text">What it will hold.</param>
    /// <param name="replace">Whether one that is there is replaced.</param>
    /// <returns>The profile, as it is read.</returns>
    /// <exception cref="EtcdDrException"><c>ProfileExists</c>, <c>ProfileNotWritable</c>, and what reading it throws.</exception>
    public static EtcdProfile Write(string path, string text, bool replace)
    {
        var profile = EtcdProfile.Parse(path, text);
        try
        {
            MakeDirectory(Path.GetDirectoryName(path)!);
            using var file = PosixFiles.OpenWrite(path, replace ? FileMode.Create : FileMode.CreateNew);
            file.Write(System.Text.Encoding.UTF8.GetBytes(text));
            return profile;
        }
        catch (IOException) when (!replace && File.Exists(path))
        {
            throw new EtcdDrException(
                "ProfileExists",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.ProfileExists.With(path),
                Errors.ProfileExists_Action,
                path
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EtcdDrException(
                "ProfileNotWritable",
                e is UnauthorizedAccessException ? EtcdDrErrorCategory.PermissionDenied : EtcdDrErrorCategory.WriteError,
                Errors.ProfileNotWritable.With(path, e.Message.TrimEnd('.')),
                Errors.ProfileNotWritable_Action,
                path,
                e
            );
        }
    }

    private static void MakeDirectory(string path)
    {
        if (Directory.Exists(path))
        {
            return;
        }

        MakeDirectory(Path.GetDirectoryName(path)!);
        PosixFiles.CreateDirectory(path);
    }
}
