using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd.Members;

/// <summary>
/// Finds out which files a node lacks to run a member of the present etcd and its apiserver, and makes them: certificates with keys of
/// their own, signed by etcd's CA as a member's node has it, and the keys of the apiservers, which a restore may have changed while the
/// node was away. All in memory.
/// </summary>
internal sealed class MemberFiles
{
    private readonly List<MemberFile> _files = [];
    private readonly List<string> _words = [];

    /// <summary>The files, to be put into their places.</summary>
    public IReadOnlyList<MemberFile> Files => _files;

    /// <summary>What is made or replaced, and why, without contents.</summary>
    public IReadOnlyList<string> Words => _words;

    /// <summary>What the node's apiserver lacks that the others have, in a sentence; null where it lacks nothing.</summary>
    public string? Lacks { get; private set; }

    /// <summary>Compares a node with a member's node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="etcd">Its etcd, as it will run.</param>
    /// <param name="peer">The member's node.</param>
    /// <param name="pattern">How its etcd and its apiserver are set up.</param>
    /// <param name="now">The present time.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="EtcdDrException"><c>CertificateAuthorityKeyNotFound</c>, <c>CertificateNotIssued</c>.</exception>
    public static async Task<MemberFiles> CompareAsync(
        MemberNode node,
        EtcdMemberConfiguration etcd,
        IRemoteHost peer,
        NodeManifests pattern,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var api = node.Manifests.ApiServer;
        var pairs = MemberPair.Of(node.Node.Name, etcd, api);
        var authorities = Authorities(etcd, api, pattern);
        var keys = Keys(api, pattern.ApiServer);
        var theirs = await MemberNode.ReadFilesAsync(
            peer,
            [
                .. authorities.SelectMany(a => new[] { a.Theirs, MemberPair.KeyOf(a.Theirs) }),
                .. keys.Select(k => k.Theirs),
                .. pattern.Etcd?.PeerCertFile is { } like ? new[] { like } : [],
            ],
            cancellationToken
        );
        var ours = await node.ReadFilesAsync(
            [
                .. authorities.SelectMany(a => new[] { a.Ours, MemberPair.KeyOf(a.Ours) }),
                .. keys.Select(k => k.Ours),
                .. pairs.SelectMany(p => new[] { p.Certificate, p.Key }),
            ],
            cancellationToken
        );
        var found = new MemberFiles();
        try
        {
            found.AddCopies(authorities.SelectMany(a => Copies(a)), theirs, ours, "etcd's CA");
            found.AddCopies(keys, theirs, ours, "as the other apiservers have it");
            found.AddPairs(pairs, authorities, theirs, ours, pattern.Etcd?.PeerCertFile, peer.Name, now);
            found.Lacks = Lacking(api, pattern.ApiServer);
            return found;
        }
        finally
        {
            foreach (var content in ours.Values)
            {
                CryptographicOperations.ZeroMemory(content);
            }
        }
    }

    /// <summary>Overwrites what is secret.</summary>
    public void Forget()
    {
        foreach (var file in _files)
        {
            CryptographicOperations.ZeroMemory(file.Content);
        }
    }

    // A CA's certificate, and its key where the member's node has it: kubeadm renews certificates with it on each node.
    private static IEnumerable<(string Theirs, string Ours)> Copies((string Theirs, string Ours) authority) =>
        [authority, (MemberPair.KeyOf(authority.Theirs), MemberPair.KeyOf(authority.Ours))];

    private static IReadOnlyList<(string Theirs, string Ours)> Authorities(
        EtcdMemberConfiguration etcd,
        ApiServerConfiguration? api,
        NodeManifests pattern
    )
    {
        (string? Theirs, string? Ours)[] all =
        [
            (pattern.Etcd?.TrustedCaFile, etcd.TrustedCaFile),
            (pattern.Etcd?.PeerTrustedCaFile, etcd.PeerTrustedCaFile),
            (pattern.ApiServer?.EtcdCaFile, api?.EtcdCaFile),
        ];
        return [.. all.Where(a => a is { Theirs: not null, Ours: not null }).Select(a => (a.Theirs!, a.Ours!)).DistinctBy(a => a.Item2)];
    }

    // What the apiservers of one cluster must have alike. Verification keys are paired by their places in the list.
    private static IReadOnlyList<(string Theirs, string Ours)> Keys(ApiServerConfiguration? ours, ApiServerConfiguration? theirs)
    {
        if (ours is null || theirs is null)
        {
            return [];
        }

        (string? Theirs, string? Ours)[] all =
        [
            (theirs.ServiceAccountSigningKeyFile, ours.ServiceAccountSigningKeyFile),
            (theirs.EncryptionProviderConfig, ours.EncryptionProviderConfig),
            .. theirs.ServiceAccountKeyFiles.Zip(ours.ServiceAccountKeyFiles, (t, o) => ((string?)t, (string?)o)),
        ];
        return [.. all.Where(a => a is { Theirs: not null, Ours: not null }).Select(a => (a.Theirs!, a.Ours!)).DistinctBy(a => a.Item2)];
    }

    private static string? Lacking(ApiServerConfiguration? ours, ApiServerConfiguration? theirs) =>
        ours is null || theirs is null ? null
        : theirs.EncryptionProviderConfig is not null && ours.EncryptionProviderConfig is null ? "--encryption-provider-config"
        : theirs.ServiceAccountKeyFiles.Count > ours.ServiceAccountKeyFiles.Count ? "--service-account-key-file"
        : null;

    private void AddCopies(
        IEnumerable<(string Theirs, string Ours)> files,
        IReadOnlyDictionary<string, byte[]> theirs,
        IReadOnlyDictionary<string, byte[]> ours,
        string what
    )
    {
        foreach (var (from, to) in files)
        {
            if (!theirs.TryGetValue(from, out var content) || (ours.TryGetValue(to, out var own) && own.AsSpan().SequenceEqual(content)))
            {
                continue;
            }

            _files.Add(new MemberFile(to, content));
            _words.Add($"{to} ({what}{(ours.ContainsKey(to) ? string.Empty : ", missing")})");
        }
    }

    private void AddPairs(
        IReadOnlyList<MemberPair> pairs,
        IReadOnlyList<(string Theirs, string Ours)> authorities,
        IReadOnlyDictionary<string, byte[]> theirs,
        IReadOnlyDictionary<string, byte[]> ours,
        string? pattern,
        string peer,
        DateTimeOffset now
    )
    {
        foreach (var pair in pairs)
        {
            var authorityFile = authorities.First(a => a.Ours == pair.Authority).Theirs;
            using var authority = Certificate(peer, authorityFile, theirs);
            if (pair.FaultOf(Text(ours, pair.Certificate), Text(ours, pair.Key), authority, now) is not { } fault)
            {
                continue;
            }

            if (Text(theirs, MemberPair.KeyOf(authorityFile)) is not { } authorityKey)
            {
                throw new EtcdDrException(
                    "CertificateAuthorityKeyNotFound",
                    EtcdDrErrorCategory.ObjectNotFound,
                    Errors.CertificateAuthorityKeyNotFound_Member.With(peer, MemberPair.KeyOf(authorityFile), pair.Certificate, fault),
                    Errors.CertificateAuthorityKeyNotFound_Member_Action.With(pair.Certificate, pair.Key),
                    peer
                );
            }

            using var like = Certificate(peer, pattern is not null && theirs.ContainsKey(pattern) ? pattern : authorityFile, theirs);
            var (certificate, key) = Issue(pair, like, authority, authorityKey, now, peer);
            _files.Add(new MemberFile(pair.Certificate, Encoding.ASCII.GetBytes(certificate)));
            _files.Add(new MemberFile(pair.Key, Encoding.ASCII.GetBytes(key)));
            _words.Add($"{pair.Certificate} and its key (new: {fault})");
        }
    }

    private static (string Certificate, string Key) Issue(
        MemberPair pair,
        X509Certificate2 like,
        X509Certificate2 authority,
        string authorityKey,
        DateTimeOffset now,
        string peer
    )
    {
        try
        {
            return pair.Issue(like, authority, authorityKey, now);
        }
        catch (CryptographicException e)
        {
            throw new EtcdDrException(
                "CertificateNotIssued",
                EtcdDrErrorCategory.InvalidOperation,
                Errors.CertificateNotIssued_Member.With(pair.Certificate, peer, e.Message.TrimEnd('.')),
                Errors.CertificateNotIssued_Member_Action,
                peer,
                e
            );
        }
    }

    private static X509Certificate2 Certificate(string host, string file, IReadOnlyDictionary<string, byte[]> files)
    {
        try
        {
            return X509Certificate2.CreateFromPem(Text(files, file) ?? string.Empty);
        }
        catch (CryptographicException e)
        {
            throw new EtcdDrException(
                "EtcdCertificateInvalid",
                EtcdDrErrorCategory.InvalidData,
                Errors.EtcdCertificateInvalid_Authority.With(file, host, e.Message.TrimEnd('.')),
                Errors.EtcdCertificateInvalid_Authority_Action,
                host,
                e
            );
        }
    }

    private static string? Text(IReadOnlyDictionary<string, byte[]> files, string path) =>
        files.TryGetValue(path, out var content) ? Encoding.UTF8.GetString(content) : null;
}
