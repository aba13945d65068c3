namespace EtcdDr.Engine.Etcd.Programs;

/// <summary>One of etcd's programs on a node: etcd, etcdutl or etcdctl.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Version">Its version, for example 3.5.16; null where nothing tells it.</param>
internal sealed record EtcdProgram(string Name, ProgramSource Source, string? Version)
{
    /// <summary>Name of the server.</summary>
    public const string Server = "etcd";

    private const string Utility = "etcdutl";
    private const string Client = "etcdctl";

    /// <summary>In words, for plans and messages: a path on the node, or of what image.</summary>
    public string Place => Source.Describe(Name);

    /// <summary>Whether it restores snapshots: etcdutl does from 3.5 on, etcdctl until 3.5 (etcd's CHANGELOG-3.5 and
    /// CHANGELOG-3.6).</summary>
    public bool Restores => Version is not null && (Name == Utility || (Name == Client && !IsAtLeast(3, 6, 0)));

    /// <summary>Whether it has <c>--bump-revision</c> and <c>--mark-compacted</c>: from 3.4.27, 3.5.10 and 3.6.0 on (etcd's CHANGELOG of
    /// each).</summary>
    public bool BumpsRevision => IsAtLeast(3, 5, 10) || (IsAtLeast(3, 4, 27) && !IsAtLeast(3, 5, 0));

    /// <summary>The first of the programs, in the order in which they were found, that restores snapshots of an etcd of this minor
    /// version.</summary>
    /// <param name="programs">What was found on a node.</param>
    /// <param name="minor">For example 3.5; null for any.</param>
    public static EtcdProgram? Restoring(IEnumerable<EtcdProgram> programs, string? minor) =>
        programs.FirstOrDefault(p => p.Restores && (minor is null || EtcdVersions.Minor(p.Version!) == minor));

    private bool IsAtLeast(int major, int minor, int patch) =>
        System.Version.TryParse(Version, out var version) && version >= new Version(major, minor, patch);
}
