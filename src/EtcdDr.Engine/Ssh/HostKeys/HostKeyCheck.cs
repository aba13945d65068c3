using System.Security.Cryptography;
using Renci.SshNet.Security;

namespace EtcdDr.Engine.Ssh.HostKeys;

/// <summary>
/// Decides whether a host is who it should be, by known_hosts and nothing else: no prompt, and no trust on first use. The rules are those
/// of OpenSSH with StrictHostKeyChecking=yes.
/// </summary>
internal sealed class HostKeyCheck
{
    private readonly SshTarget _target;
    private readonly TimeProvider _time;
    private readonly string _name;
    private readonly IReadOnlyList<KnownHostEntry> _entries;
    private readonly IReadOnlyList<KnownHostEntry> _entriesWithoutPort;

    private HostKeyCheck(SshTarget target, TimeProvider time, KnownHosts known)
    {
        _target = target;
        _time = time;
        var host = (target.HostKeyAlias ?? target.Host).ToLowerInvariant();
        _name = target.HostKeyAlias is null && target.Port != 22 ? $"[{host}]:{target.Port}" : host;
        _entries = known.About(_name);

        // A host that is not known at its port may be known without one, if the key is the same (OpenSSH: "checking without port
        // identifier").
        _entriesWithoutPort = _name == host ? [] : known.About(host);
    }

    /// <summary>Why the host was not trusted; null as long as nothing spoke against it.</summary>
    public EtcdDrException? Failure { get; private set; }

    /// <summary>The types of key that the host is known by.</summary>
    public IReadOnlySet<string> KnownTypes =>
        (_entries.Any(IsHostKey) ? _entries : _entriesWithoutPort).Where(IsHostKey).Select(entry => entry.KeyType).ToHashSet();

    /// <summary>Whether an authority is known that may sign the host's certificate.</summary>
    public bool KnowsAuthority => _entries.Any(IsAuthority);

    /// <summary>A check against the target's known_hosts files.</summary>
    public static HostKeyCheck For(SshTarget target, TimeProvider time) => new(target, time, KnownHosts.Read(target.KnownHostsFiles));

    /// <summary>The host presented this certificate, whose signatures SSH.NET checks before it calls <see cref="Accept"/>.</summary>
    public void Presented(Certificate certificate) =>
        // SSH.NET refuses it without a word if it is out of date, so that is said here.
        Failure = CertificateFailure(certificate);

    /// <summary>Whether the key may be trusted; where not, <see cref="Failure"/> says why.</summary>
    /// <param name="key">The host's key; for a certificate, the key that it certifies.</param>
    /// <param name="certificate">The certificate, if the host presented one.</param>
    public bool Accept(byte[] key, Certificate? certificate)
    {
        var failure = RevokedBy(key);
        if (failure is null && certificate is not null)
            failure = RevokedBy(certificate.CertificateAuthorityKey) ?? CertificateFailure(certificate);

        // Like OpenSSH: a certificate that no known authority signed is passed over, and the key in it is judged as a plain one.
        Failure = (certificate, failure) switch
        {
            (null, null) => KeyFailure(key),
            (_, { ErrorId: HostKeyErrors.UnknownId }) when KeyFailure(key) is null => null,
            _ => failure,
        };
        return Failure is null;
    }

    /// <summary>A key's fingerprint as OpenSSH shows it.</summary>
    public static string Fingerprint(ReadOnlySpan<byte> key) => "SHA256:" + Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=');

    private static bool IsHostKey(KnownHostEntry entry) => entry.Marker == KnownHostMarker.None;

    private static bool IsAuthority(KnownHostEntry entry) => entry.Marker == KnownHostMarker.CertificateAuthority;

    private EtcdDrException? RevokedBy(byte[] key)
    {
        var revoked = _entries
            .Concat(_entriesWithoutPort)
            .FirstOrDefault(entry => entry.Marker == KnownHostMarker.Revoked && entry.Holds(key));
        return revoked is null ? null : HostKeyErrors.Revoked(_target, key, revoked);
    }

    private EtcdDrException? KeyFailure(byte[] key)
    {
        var type = KnownHosts.TypeOf(key);
        var keys = _entries.Where(IsHostKey).ToList();
        if (keys.Any(entry => entry.Holds(key)))
            return null;

        if (keys.FirstOrDefault(entry => entry.KeyType == type) is { } other)
            return HostKeyErrors.Changed(_target, key, other);

        if (keys.Count > 0)
            return HostKeyErrors.Unknown(_target, key, keys[0]);

        return _entriesWithoutPort.Any(entry => IsHostKey(entry) && entry.Holds(key)) ? null : HostKeyErrors.Unknown(_target, key, null);
    }

    private EtcdDrException? CertificateFailure(Certificate certificate)
    {
        if (!_entries.Any(entry => IsAuthority(entry) && entry.Holds(certificate.CertificateAuthorityKey)))
            return HostKeyErrors.AuthorityUnknown(_target, certificate, Fingerprint(certificate.CertificateAuthorityKey));

        var now = (ulong)_time.GetUtcNow().ToUnixTimeSeconds();
        var reason = certificate switch
        {
            { Type: not Certificate.CertificateType.Host } => Errors.HostCertificateInvalid_User_Part,
            _ when now < certificate.ValidAfterUnixSeconds => Errors.HostCertificateInvalid_TooEarly_Part.With(certificate.ValidAfter),
            _ when now >= certificate.ValidBeforeUnixSeconds => Errors.HostCertificateInvalid_Expired_Part.With(certificate.ValidBefore),
            { CriticalOptions.Count: > 0 } => Errors.HostCertificateInvalid_CriticalOption_Part.With(
                string.Join(", ", certificate.CriticalOptions.Keys)
            ),
            _ when !NamesHost(certificate) => Errors.HostCertificateInvalid_OtherHost_Part.With(
                string.Join(", ", certificate.ValidPrincipals)
            ),
            _ => null,
        };
        return reason is null ? null : HostKeyErrors.CertificateInvalid(_target, certificate, reason);
    }

    // A certificate that names no host would be good for every one; it is refused.
    private bool NamesHost(Certificate certificate)
    {
        var host = _target.HostKeyAlias ?? _target.Host;
        return certificate.ValidPrincipals.Count > 0 && HostPatternList.Matches(certificate.ValidPrincipals, host);
    }
}
