using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace EtcdDr.Engine.Trust;

/// <summary>
/// <see cref="FileTrust"/> on Windows, where access control lists say what modes say elsewhere. Who may only read, or only add directories
/// to a drive's root, as every user may, does no harm.
/// </summary>
internal static class WindowsFileTrust
{
    private const WindowsRights Replaces =
        WindowsRights.Delete
        | WindowsRights.ChangePermissions
        | WindowsRights.TakeOwnership
        | WindowsRights.GenericAll
        | WindowsRights.GenericWrite;

    private const WindowsRights ChangesFile = Replaces | WindowsRights.WriteData | WindowsRights.AppendData;
    private const WindowsRights ChangesHolder = Replaces | WindowsRights.DeleteChild | WindowsRights.WriteData;
    private const WindowsRights ChangesAncestor = Replaces | WindowsRights.DeleteChild;

    // SYSTEM, Administrators, TrustedInstaller; CREATOR OWNER and OWNER RIGHTS stand for the owner, who is looked at on its own.
    private static readonly string[] Trusted =
    [
        "S-1-5-18",
        "S-1-5-32-544",
        "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
        "S-1-3-0",
        "S-1-3-4",
    ];

    /// <summary>What speaks against a file; null if nothing does.</summary>
    [SupportedOSPlatform("windows")]
    public static FileDoubt? Doubt(string path)
    {
        var user = WindowsIdentity.GetCurrent().User!.Value;
        var named = new FileInfo(path);
        var target = named.Exists ? named.ResolveLinkTarget(returnFinalTarget: true)?.FullName : null;
        return new[] { path, target }.OfType<string>().Select(p => Judge(path, [.. Way(p)], user)).FirstOrDefault(d => d is not null);
    }

    /// <summary>The decision.</summary>
    /// <param name="path">The file as it was named.</param>
    /// <param name="way">The file first, then the directory that holds it, then those above.</param>
    /// <param name="user">Security identifier of this user.</param>
    internal static FileDoubt? Judge(string path, IReadOnlyList<WindowsPathFacts> way, string user)
    {
        for (var i = 0; i < way.Count; i++)
        {
            var part = way[i];
            if (!IsTrusted(part.Owner, user))
            {
                return new FileDoubt(
                    Errors.FileNotTrusted.With(path, Errors.FileNotTrusted_Owner_Part.With(part.Path, part.Owner)),
                    Errors.FileNotTrusted_Move_Action.With(path)
                );
            }

            var harmful = part.IsDirectory ? (i <= 1 ? ChangesHolder : ChangesAncestor) : ChangesFile;
            if (part.Allowed.FirstOrDefault(e => !e.InheritOnly && (e.Rights & harmful) != 0 && !IsTrusted(e.Sid, user)) is { } entry)
            {
                return new FileDoubt(
                    Errors.FileNotTrusted.With(path, Errors.FileNotTrusted_WritableBy_Part.With(part.Path, entry.Sid)),
                    Errors.FileNotTrusted_Action.With(path, $"icacls \"{part.Path}\" /inheritance:d /remove:g *{entry.Sid}")
                );
            }
        }

        return null;
    }

    private static bool IsTrusted(string sid, string user) => sid == user || Trusted.Contains(sid, StringComparer.Ordinal);

    [SupportedOSPlatform("windows")]
    private static IEnumerable<WindowsPathFacts> Way(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            yield break;
        }

        yield return Facts(path, isDirectory: false, file.GetAccessControl(AccessControlSections.Owner | AccessControlSections.Access));
        for (var directory = file.Directory; directory is not null; directory = directory.Parent)
        {
            yield return Facts(
                directory.FullName,
                isDirectory: true,
                directory.GetAccessControl(AccessControlSections.Owner | AccessControlSections.Access)
            );
        }
    }

    [SupportedOSPlatform("windows")]
    private static WindowsPathFacts Facts(string path, bool isDirectory, FileSystemSecurity security)
    {
        var rules = security
            .GetAccessRules(includeExplicit: true, includeInherited: true, typeof(SecurityIdentifier))
            .OfType<FileSystemAccessRule>();
        var allowed = rules
            .Where(r => r.AccessControlType == AccessControlType.Allow)
            .Select(r => new AccessEntry(
                r.IdentityReference.Value,
                (WindowsRights)(int)r.FileSystemRights,
                r.PropagationFlags.HasFlag(PropagationFlags.InheritOnly)
            ));
        return new WindowsPathFacts(path, isDirectory, security.GetOwner(typeof(SecurityIdentifier))?.Value ?? "", [.. allowed]);
    }
}
