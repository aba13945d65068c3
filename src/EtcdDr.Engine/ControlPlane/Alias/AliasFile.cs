namespace EtcdDr.Engine.ControlPlane.Alias;

/// <summary>A file of a node that is changed.</summary>
/// <param name="Node">The node.</param>
/// <param name="Path">The file.</param>
/// <param name="Text">What it will hold. May hold a key.</param>
internal sealed record AliasFile(AliasNode Node, string Path, string Text)
{
    /// <summary>Whether the kubelet must be restarted to see it.</summary>
    public bool IsKubelet => Path.EndsWith("/kubelet.conf", StringComparison.Ordinal);

    /// <summary>The name under which the previous content is kept.</summary>
    public string KeptName => NameOf(Path);

    /// <summary>The name under which a file is kept.</summary>
    public static string NameOf(string path) => path.TrimStart('/').Replace('/', '~');
}
