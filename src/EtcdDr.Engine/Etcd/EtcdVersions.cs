namespace EtcdDr.Engine.Etcd;

/// <summary>Versions of etcd as text.</summary>
internal static class EtcdVersions
{
    /// <summary>Major and minor part: <c>3.5</c> of <c>3.5.16</c> or <c>v3.5.16-rc.1</c>.</summary>
    public static string Minor(string version) => string.Join('.', version.TrimStart('v').Split('.', 3).Take(2));

    /// <summary>The version in an image's tag, such as 3.6.5 of <c>registry.example/etcd:3.6.5-0</c>; null where the tag is none.</summary>
    public static string? OfImage(string image)
    {
        var name = image.Split('@')[0];
        var colon = name.LastIndexOf(':');
        if (colon < 0 || name.IndexOf('/', colon) >= 0)
        {
            return null;
        }

        var tag = name[(colon + 1)..].TrimStart('v').Split('-')[0];
        return Version.TryParse(tag, out _) ? tag : null;
    }
}
