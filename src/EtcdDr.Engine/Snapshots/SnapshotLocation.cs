namespace EtcdDr.Engine.Snapshots;

/// <summary>A directory or file of this machine or of an SSH host, or keys in a bucket, as people write them: a path,
/// <c>[user@]host:/path</c>, <c>sftp://[user@]host[:port]/path</c> or <c>s3://bucket/prefix</c>.</summary>
/// <param name="Path">Absolute path; in object storage the whole address.</param>
public sealed record SnapshotLocation(string Path)
{
    /// <summary>Host name, alias or IP; null for this machine.</summary>
    public string? Host { get; init; }

    /// <summary>User to log in as, where it is said.</summary>
    public string? User { get; init; }

    /// <summary>Port, where it is said.</summary>
    public int? Port { get; init; }

    /// <summary>Where it lies in object storage; null for a directory.</summary>
    public ObjectAddress? Bucket { get; init; }

    /// <summary>How the object storage is reached; null for the provider's defaults.</summary>
    public PlaceSettings? Place { get; init; }

    /// <summary>The host as it was named, <c>[user@]host</c>; null for this machine.</summary>
    public string? ComputerName =>
        Host is null ? null
        : User is null ? Host
        : $"{User}@{Host}";

    /// <summary>Reads a location. A local path must be absolute already.</summary>
    /// <exception cref="EtcdDrException"><c>InvalidLocation</c>.</exception>
    public static SnapshotLocation Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        if (text.StartsWith("sftp://", StringComparison.OrdinalIgnoreCase))
        {
            return ParseUri(text);
        }

        if (ObjectAddress.IsOne(text))
        {
            return In(ObjectAddress.Parse(text) ?? throw Invalid(ObjectAddress.WithoutSecrets(text), Errors.InvalidLocation_Object_Part));
        }

        return SplitScp(text, OperatingSystem.IsWindows()) is var (host, path) ? Remote(text, host, null, path) : Local(text);
    }

    /// <summary>Whether text names a place on an SSH host, by scp's rule (a colon before the first slash), or in object storage.</summary>
    public static bool IsRemote(string text) => IsRemote(text, OperatingSystem.IsWindows());

    /// <summary>The same for a machine of either kind: where drives exist, <c>C:\backups</c> and <c>\\server\share</c> are places of this
    /// machine.</summary>
    internal static bool IsRemote(string text, bool windows)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith("sftp://", StringComparison.OrdinalIgnoreCase)
            || ObjectAddress.IsOne(text)
            || SplitScp(text, windows) is not null;
    }

    /// <summary>Whether a path of Windows names a device or goes round what Windows makes of names: <c>\\.\pipe\x</c>, <c>\\?\C:\x</c>. No
    /// place for snapshots.</summary>
    internal static bool IsDevice(string path) =>
        path.Length >= 4 && path[0] is '\\' or '/' && path[1] is '\\' or '/' && path[2] is '.' or '?' && path[3] is '\\' or '/';

    /// <summary>Where a snapshot is.</summary>
    public static SnapshotLocation Of(EtcdSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        return snapshot.ComputerName is { } computer ? Remote($"{computer}:{snapshot.Path}", computer, snapshot.Ssh?.Port, snapshot.Path)
            : ObjectAddress.IsOne(snapshot.Path) ? Parse(snapshot.Path) with { Place = snapshot.Place }
            : Local(snapshot.Path);
    }

    /// <summary>The directory that holds this place.</summary>
    public SnapshotLocation Parent =>
        Bucket is { } address
            ? In(address.Parent) with
            {
                Place = Place,
            }
            : this with
            {
                Path = ParentOf(Path, windows: Host is null && OperatingSystem.IsWindows()),
            };

    /// <summary>Last part of the path.</summary>
    public string Name =>
        Path.TrimEnd('/', System.IO.Path.DirectorySeparatorChar) is var trimmed
            ? trimmed[(trimmed.LastIndexOfAny(['/', System.IO.Path.DirectorySeparatorChar]) + 1)..]
            : string.Empty;

    /// <inheritdoc/>
    public override string ToString() => ComputerName is null ? Path : $"{ComputerName}:{Path}";

    /// <summary>The directory that holds a path; a root holds itself: <c>/</c>, <c>C:\</c>, <c>\\server\share</c>.</summary>
    internal static string ParentOf(string path, bool windows)
    {
        if (windows)
        {
            return WindowsParentOf(path);
        }

        var trimmed = path.TrimEnd('/', System.IO.Path.DirectorySeparatorChar);
        var slash = trimmed.LastIndexOfAny(['/', System.IO.Path.DirectorySeparatorChar]);
        return slash <= 0 ? "/" : trimmed[..slash];
    }

    private static string WindowsParentOf(string path)
    {
        var trimmed = path.TrimEnd('/', '\\');
        var root = trimmed.Length >= 2 && trimmed[1] == ':' ? 2 : ShareLength(trimmed);
        var slash = trimmed.LastIndexOfAny(['/', '\\']);
        return slash > root ? trimmed[..slash]
            : root == 2 ? $"{trimmed[..2]}\\"
            : trimmed[..root];
    }

    // \\server\share
    private static int ShareLength(string path)
    {
        var server = path.IndexOfAny(['/', '\\'], Math.Min(2, path.Length));
        var share = server < 0 ? -1 : path.IndexOfAny(['/', '\\'], server + 1);
        return share < 0 ? path.Length : share;
    }

    private static SnapshotLocation In(ObjectAddress address) => new(address.ToString()) { Bucket = address };

    private static SnapshotLocation Local(string text) =>
        System.IO.Path.IsPathFullyQualified(text) && !(OperatingSystem.IsWindows() && IsDevice(text))
            ? new SnapshotLocation(System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(text)))
            : throw Invalid(text, Errors.InvalidLocation_NotAbsolute_Part);

    private static (string Host, string Path)? SplitScp(string text, bool windows)
    {
        // \\server\share, and a colon behind a backslash, which is a stream of a file there.
        if (windows && text.IndexOfAny(['\\', ':']) is >= 0 and var first && text[first] == '\\')
        {
            return null;
        }

        var from =
            text.IndexOf('[') is var bracket and >= 0
            && text.IndexOf(']') is var end
            && end > bracket
            && text.IndexOf('/') is var slash
            && (slash < 0 || slash > end)
                ? end
                : 0;
        var colon = text.IndexOf(':', from);
        var firstSlash = text.IndexOf('/', from);
        if (colon <= 0 || (firstSlash >= 0 && firstSlash < colon))
        {
            return null;
        }

        // C:\backups is a drive where drives exist.
        if (windows && colon == 1 && char.IsAsciiLetter(text[0]))
        {
            return null;
        }

        return (text[..colon], text[(colon + 1)..]);
    }

    private static SnapshotLocation ParseUri(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            throw Invalid(text, Errors.InvalidLocation_Sftp_Part);
        }

        if (uri.UserInfo.Contains(':', StringComparison.Ordinal))
        {
            throw Invalid($"sftp://...@{uri.Host}{uri.AbsolutePath}", Errors.InvalidLocation_Password_Part);
        }

        var host = uri.UserInfo.Length == 0 ? uri.IdnHost : $"{Uri.UnescapeDataString(uri.UserInfo)}@{uri.IdnHost}";
        return Remote(text, host, uri.Port > 0 ? uri.Port : null, Uri.UnescapeDataString(uri.AbsolutePath));
    }

    private static SnapshotLocation Remote(string text, string computer, int? port, string path)
    {
        var at = computer.LastIndexOf('@');
        var (user, host) = at < 0 ? (null, computer) : (computer[..at], computer[(at + 1)..]);
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
        }

        if (host.Length == 0 || user is "" || host.StartsWith('-') || host.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            throw Invalid(text, Errors.InvalidLocation_Host_Part);
        }

        if (!path.StartsWith('/') || path.Contains('\0', StringComparison.Ordinal) || path.Split('/').Contains(".."))
        {
            throw Invalid(text, Errors.InvalidLocation_RemotePath_Part);
        }

        return new SnapshotLocation(
            path.Length > 1
                ? path.TrimEnd('/') is ""
                    ? "/"
                    : path.TrimEnd('/')
                : path
        )
        {
            Host = host,
            User = user,
            Port = port,
        };
    }

    private static EtcdDrException Invalid(string text, string why) =>
        new(
            "InvalidLocation",
            EtcdDrErrorCategory.InvalidArgument,
            Errors.InvalidLocation.With(text, why),
            Errors.InvalidLocation_Action,
            text
        );
}
