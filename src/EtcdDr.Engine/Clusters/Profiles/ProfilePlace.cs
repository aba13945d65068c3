namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>A place for snapshots that the profile names below <c>places</c>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Line">The line of its name.</param>
/// <param name="Path">Where it is, as on a command line: an absolute path, <c>[user@]host:/dir</c>, an <c>sftp://</c> or an <c>s3://</c>
/// address.</param>
/// <param name="Keep">Which snapshots are kept there; null where nothing is said.</param>
public sealed record ProfilePlace(string Name, int Line, string Path, ProfileKeep? Keep)
{
    /// <summary>How its object storage is reached, but for the secret; null for directories.</summary>
    public PlaceSettings? Storage { get; init; }

    /// <summary>The secret of a vault that it is reached with; null for the provider's own chain of credentials.</summary>
    public SecretReference? Secret { get; init; }

    /// <summary>Files that it names, to be checked when it is used.</summary>
    public IReadOnlyList<ProfileFile> Files { get; init; } = [];
}
