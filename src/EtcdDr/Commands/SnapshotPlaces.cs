using System.Management.Automation;
using EtcdDr.Engine.Clusters;
using EtcdDr.Engine.Clusters.Profiles;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Commands;

/// <summary>Places of snapshots as users write them (paths of PowerShell's, <c>[user@]host:/dir</c>, <c>sftp://...</c>, <c>s3://...</c>,
/// names of the profile's places), and how they are reached.</summary>
/// <param name="cmdlet">The cmdlet that works with them.</param>
/// <param name="given">What its parameters say of SSH.</param>
internal sealed class SnapshotPlaces(EtcdDrCmdlet cmdlet, SshOverrides given)
{
    private static readonly SshHostFactory Hosts = new();

    /// <summary>The place that a text names, wildcards not expanded, and how its host is reached: by the parameters, then by the profile
    /// where that names the host.</summary>
    public (SnapshotLocation Location, SshSettings? Ssh) Reach(string literal)
    {
        var named = Named(literal);
        var location = IsRemote(named) ? SnapshotLocation.Parse(named) : SnapshotLocation.Parse(cmdlet.Resolve(named));
        if (location.Bucket is { } bucket)
        {
            return (location with { Place = Storage(bucket) }, null);
        }

        if (location.Host is null)
        {
            return (location, null);
        }

        var (address, settings) = Settings(location.Host);
        return (location with { Host = address }, settings);
    }

    /// <summary>The one place that is to be written to: wildcards must fit one directory that is there.</summary>
    /// <param name="path">The path, address or name.</param>
    /// <param name="literal">Whether no character is a wildcard.</param>
    public (SnapshotLocation Location, SshSettings? Ssh) ReachOne(string path, bool literal)
    {
        var named = Named(path);
        return literal || IsRemote(named)
            ? Reach(path)
            : (SnapshotLocation.Parse(cmdlet.Ask(() => PowerShellPath.ExpandOne(cmdlet.SessionState, named))), null);
    }

    /// <summary>A snapshot of another host that does not know (any more) how that is reached: one that came back from a job or a
    /// file.</summary>
    public EtcdSnapshot Bind(EtcdSnapshot snapshot)
    {
        if (snapshot.ComputerName is null && snapshot.Place is null && SnapshotLocation.Of(snapshot).Bucket is { } bucket)
        {
            return snapshot with { Place = Storage(bucket) };
        }

        if (snapshot.ComputerName is null || snapshot.Ssh is not null)
        {
            return snapshot;
        }

        var location = SnapshotLocation.Of(snapshot);
        var (address, settings) = Settings(location.Host!);
        var placed = location with { Host = address };
        return snapshot with { ComputerName = placed.ComputerName, Ssh = settings with { User = location.User ?? settings.User } };
    }

    /// <summary>The places that a path with wildcards stands for. One on another host stands for itself: it is listed when it is looked
    /// at.</summary>
    /// <param name="path">The path.</param>
    /// <param name="literal">Whether it is to be taken as it stands.</param>
    public IReadOnlyList<SnapshotPlace> Expand(string path, bool literal)
    {
        if (literal)
        {
            return [new SnapshotPlace(path, HasWildcards: false)];
        }

        path = Named(path);
        return IsRemote(path)
            ? [new SnapshotPlace(path, WildcardPattern.ContainsWildcardCharacters(path))]
            : [.. cmdlet.Expand(path).Select(p => new SnapshotPlace(p, HasWildcards: false))];
    }

    /// <summary>The snapshots at a place: the place itself if it is one, else those directly in it.</summary>
    public Task<IReadOnlyList<EtcdSnapshot>> FindAsync(SnapshotPlace place, OperationContext context, CancellationToken cancellationToken)
    {
        var catalog = new SnapshotCatalog(Hosts, context);
        if (place.HasWildcards)
        {
            return MatchingAsync(catalog, place.Text, cancellationToken);
        }

        var (location, ssh) = Reach(place.Text);
        return catalog.FindAsync(location, ssh, cancellationToken);
    }

    /// <summary>The one snapshot at a path.</summary>
    /// <exception cref="EtcdDrException"><c>PathAmbiguous</c> where wildcards fit several, and what <see cref="SnapshotCatalog.GetAsync"/>
    /// throws.</exception>
    public async Task<EtcdSnapshot> OneAsync(string path, bool literal, OperationContext context, CancellationToken cancellationToken)
    {
        var places = Expand(path, literal);
        if (places.Count > 1)
        {
            throw PowerShellPath.Ambiguous(path, places.Count);
        }

        if (!places[0].HasWildcards)
        {
            var (location, ssh) = Reach(places[0].Text);
            return await new SnapshotCatalog(Hosts, context).GetAsync(location, ssh, cancellationToken);
        }

        var found = await FindAsync(places[0], context, cancellationToken);
        return found.Count switch
        {
            0 => throw PowerShellPath.NoMatch(path),
            1 => found[0],
            _ => throw PowerShellPath.Ambiguous(path, found.Count),
        };
    }

    private static async Task<IReadOnlyList<EtcdSnapshot>> NamedAsync(Task<IReadOnlyList<EtcdSnapshot>> all, string pattern)
    {
        var name = WildcardPattern.Get(pattern, WildcardOptions.None);
        return [.. (await all).Where(s => name.IsMatch(s.Name))];
    }

    // On another host only the last part may have wildcards: one listing, no walk.
    private Task<IReadOnlyList<EtcdSnapshot>> MatchingAsync(SnapshotCatalog catalog, string path, CancellationToken cancellationToken)
    {
        var slash = path.LastIndexOf('/');
        var (parent, name) = (path[..Math.Max(slash, path.IndexOf(':', StringComparison.Ordinal) + 2)], path[(slash + 1)..]);
        if (WildcardPattern.ContainsWildcardCharacters(parent[(parent.IndexOf('/', StringComparison.Ordinal) + 1)..]))
        {
            throw PowerShellPath.RemoteWildcard(path);
        }

        var (location, ssh) = Reach(parent);
        return NamedAsync(catalog.FindAsync(location, ssh, cancellationToken), name);
    }

    /// <summary>Where the place lies that the profile has under this name; anything else is what it is. A name is one word: <c>./dr</c> is
    /// a directory whatever the profile says.</summary>
    private string Named(string text) =>
        text.IndexOfAny(['/', '\\', ':', '*', '?', '[']) < 0 && text is not ("." or ".." or "~") && Profile()?.Place(text) is { } place
            ? place.Path
            : text;

    private PlaceSettings Storage(ObjectAddress address) => Profile()?.Storage(address, cmdlet.Secret) ?? new PlaceSettings();

    /// <summary>The profile; null where there is none and none was asked for.</summary>
    private EtcdProfile? Profile()
    {
        try
        {
            return cmdlet.LoadProfile();
        }
        catch (EtcdDrException e) when (e.ErrorId == "ProfileNotFound" && cmdlet.NamedProfile is null)
        {
            // Places need no profile: OpenSSH's own configuration serves hosts, the environment serves buckets.
            return null;
        }
    }

    private bool IsRemote(string text) =>
        !text.Contains("::", StringComparison.Ordinal)
        && SnapshotLocation.IsRemote(text)
        && (ObjectAddress.IsOne(text) || !IsOnDrive(text));

    private (string Address, SshSettings Ssh) Settings(string host)
    {
        var (address, standard) = FromProfile(host) ?? (host, new SshSettings());
        return (
            address,
            standard with
            {
                User = given.Credential?.UserName ?? given.User ?? standard.User,
                Port = given.Port ?? standard.Port,
                KeyFile = given.KeyFile ?? standard.KeyFile,
                KeyPassphrase = given.KeyPassphrase ?? standard.KeyPassphrase,
                KnownHostsFile = given.KnownHostsFile ?? standard.KnownHostsFile,
                ConfigFile = given.ConfigFile ?? standard.ConfigFile,
                JumpHosts = given.JumpHosts ?? standard.JumpHosts,
                Password = given.Credential?.Password ?? standard.Password,
            }
        );
    }

    /// <summary>What the profile says of a host; null if there is no profile, or it does not name the host.</summary>
    private (string Address, SshSettings Ssh)? FromProfile(string host) =>
        Profile() is { } profile ? EtcdClusterResolver.Host(profile, host, null, cmdlet.Secret) : null;

    /// <summary>A drive of PowerShell's goes before a host of the same name, as for every other cmdlet.</summary>
    private bool IsOnDrive(string text)
    {
        var name = text[..text.IndexOf(':', StringComparison.Ordinal)];
        return !name.Contains('@', StringComparison.Ordinal)
            && !name.Contains('[', StringComparison.Ordinal)
            && cmdlet.Ask(() => PowerShellPath.HasDrive(cmdlet.SessionState, name));
    }
}
