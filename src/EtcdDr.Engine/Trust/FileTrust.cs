namespace EtcdDr.Engine.Trust;

/// <summary>
/// Says whether a file that names programs or hosts (a profile, a kubeconfig with a credential plugin, an SSH configuration) may be
/// followed. It may where the file and every directory on the way to it belong to this user or root, and nobody else may write to them:
/// otherwise somebody else could have written it, or have put another in its place. Links are followed, and both ways are looked at.
/// </summary>
/// <remarks>
/// A directory with the sticky bit (<c>/tmp</c>) protects the directories in it that are the user's, so a file in <c>/tmp/mine/</c> counts.
/// A file directly in such a directory does not.
/// </remarks>
public static class FileTrust
{
    private const uint Root = 0;

    /// <summary>What speaks against a file; null if nothing does, or if it does not exist.</summary>
    /// <param name="path">Absolute path.</param>
    public static FileDoubt? Doubt(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return WindowsFileTrust.Doubt(path);
        }

        return PathFactsReader.Read(path) is { } way ? Judge(path, way, PathFactsReader.CurrentUser) : null;
    }

    /// <summary>Fails if a file does not count.</summary>
    /// <param name="path">Absolute path.</param>
    /// <exception cref="EtcdDrException"><c>FileNotTrusted</c>, which names file or directory, and the remedy.</exception>
    public static void Require(string path)
    {
        if (Doubt(path) is { } doubt)
        {
            throw NotTrusted(path, doubt);
        }
    }

    /// <summary>The error for a doubt.</summary>
    internal static EtcdDrException NotTrusted(string path, FileDoubt doubt) =>
        new("FileNotTrusted", EtcdDrErrorCategory.SecurityError, doubt.Message, doubt.Remedy, path);

    /// <summary>The decision.</summary>
    /// <param name="path">The file as it was named.</param>
    /// <param name="way">The file, and every directory and link on the way to it, from the root on.</param>
    /// <param name="user">Id of this user.</param>
    internal static FileDoubt? Judge(string path, IReadOnlyList<PathFacts> way, uint user)
    {
        foreach (var part in way)
        {
            if (part.Owner != Root && part.Owner != user)
            {
                var owner = Errors.FileNotTrusted_Uid_Part.With(part.Owner.ToString(System.Globalization.CultureInfo.InvariantCulture));
                return new FileDoubt(
                    Errors.FileNotTrusted.With(path, Errors.FileNotTrusted_Owner_Part.With(part.Path, owner)),
                    part.Kind == PathKind.File
                        ? Errors.FileNotTrusted_Action.With(path, $"chown {user} '{part.Path}'")
                        : Errors.FileNotTrusted_Move_Action.With(path)
                );
            }

            if (part.IsOpen && !part.IsSticky)
            {
                return new FileDoubt(
                    Errors.FileNotTrusted.With(path, Errors.FileNotTrusted_Writable_Part.With(part.Path)),
                    Errors.FileNotTrusted_Action.With(path, $"chmod go-w '{part.Path}'")
                );
            }

            if (
                part.Kind != PathKind.Directory
                && way.FirstOrDefault(d => d.Path == Path.GetDirectoryName(part.Path)) is { IsOpen: true } directory
            )
            {
                return new FileDoubt(
                    Errors.FileNotTrusted.With(path, Errors.FileNotTrusted_Sticky_Part.With(directory.Path)),
                    Errors.FileNotTrusted_Move_Action.With(path)
                );
            }
        }

        return null;
    }
}
