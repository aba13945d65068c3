namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>SSH settings of a profile with the files and variables that they name.</summary>
public sealed record ProfileSsh
{
    /// <summary>The settings; secrets are not in them yet.</summary>
    public SshSettings Settings { get; init; } = new();

    /// <summary>Where secrets are.</summary>
    public ProfileSecrets Secrets { get; init; } = new();

    /// <summary>Files that must exist.</summary>
    public IReadOnlyList<ProfileFile> Files { get; init; } = [];
}
