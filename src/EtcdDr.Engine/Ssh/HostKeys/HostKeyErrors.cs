using Renci.SshNet.Security;

namespace EtcdDr.Engine.Ssh.HostKeys;

/// <summary>The ways in which a host fails to prove who it is, in words.</summary>
internal static class HostKeyErrors
{
    public const string UnknownId = "HostKeyUnknown";

    public static EtcdDrException Unknown(SshTarget target, byte[] key, KnownHostEntry? otherType)
    {
        var file = target.KnownHostsFiles.Count > 0 ? target.KnownHostsFiles[0] : "~/.ssh/known_hosts";
        var files = string.Join(Errors.HostKeyUnknown_Or_Part, target.KnownHostsFiles);
        return new EtcdDrException(
            UnknownId,
            EtcdDrErrorCategory.SecurityError,
            otherType is null
                ? Errors.HostKeyUnknown.With(Named(target), Describe(key), files)
                : Errors.HostKeyUnknown_OtherType.With(Named(target), Describe(key), files, otherType.Place, otherType.KeyType),
            Errors.HostKeyUnknown_Action.With(FileType(key), Keyscan(target), file),
            target.Name
        );
    }

    public static EtcdDrException Changed(SshTarget target, byte[] key, KnownHostEntry known) =>
        new(
            "HostKeyChanged",
            EtcdDrErrorCategory.SecurityError,
            Errors.HostKeyChanged.With(Named(target), Describe(key), known.Place, HostKeyCheck.Fingerprint(known.Key)),
            Errors.HostKeyChanged_Action.With(known.Line, known.File, Keyscan(target)),
            target.Name
        );

    public static EtcdDrException Revoked(SshTarget target, byte[] key, KnownHostEntry revoked) =>
        new(
            "HostKeyRevoked",
            EtcdDrErrorCategory.SecurityError,
            Errors.HostKeyRevoked.With(Named(target), Describe(key), revoked.Place),
            Errors.HostKeyRevoked_Action,
            target.Name
        );

    public static EtcdDrException AuthorityUnknown(SshTarget target, Certificate certificate, string fingerprint) =>
        new(
            UnknownId,
            EtcdDrErrorCategory.SecurityError,
            Errors.HostKeyUnknown_Authority.With(Named(target), certificate.KeyId, fingerprint),
            Errors.HostKeyUnknown_Authority_Action.With(target.Host, target.KnownHostsFiles[0]),
            target.Name
        );

    public static EtcdDrException CertificateInvalid(SshTarget target, Certificate certificate, string reason) =>
        new(
            "HostCertificateInvalid",
            EtcdDrErrorCategory.SecurityError,
            Errors.HostCertificateInvalid.With(Named(target), certificate.KeyId, reason),
            Errors.HostCertificateInvalid_Action,
            target.Name
        );

    public static EtcdDrException SignatureInvalid(SshTarget target, Exception cause) =>
        new(
            "HostKeyInvalid",
            EtcdDrErrorCategory.SecurityError,
            Errors.HostKeyInvalid.With(Named(target)),
            Errors.HostKeyInvalid_Action,
            target.Name,
            cause
        );

    private static string Describe(byte[] key) => $"{KnownHosts.TypeOf(key)} {HostKeyCheck.Fingerprint(key)}";

    private static string Named(SshTarget target) => target.Name == target.Host ? target.Endpoint : $"{target.Name} ({target.Endpoint})";

    private static string Keyscan(SshTarget target) =>
        target.Port == 22 ? $"ssh-keyscan {target.Host}" : $"ssh-keyscan -p {target.Port} {target.Host}";

    private static string FileType(byte[] key) =>
        KnownHosts.TypeOf(key) switch
        {
            "ssh-ed25519" => "ed25519",
            "ssh-rsa" => "rsa",
            _ => "ecdsa",
        };
}
