using Renci.SshNet.Security;

namespace EtcdDr.Engine.Ssh.HostKeys;

/// <summary>The ways in which a host fails to prove who it is, in words.</summary>
internal static class HostKeyErrors
{
    public const string UnknownId = "HostKeyUnknown";

    public static EtcdDrException Unknown(SshTarget target, byte[] key, KnownHostEntry? otherType)
    {
        var file = target.KnownHostsFiles.Count > 0 ? target.KnownHostsFiles[0] : "~/.ssh/known_hosts";
        var other = otherType is null ? string.Empty : $" It is known there by another type of key only ({otherType.Place}, {otherType.KeyType}).";
        return new EtcdDrException(
            UnknownId,
            EtcdDrErrorCategory.SecurityError,
            $"The host key of {Named(target)} is not known: {Describe(key)} is not in {string.Join(" or ", target.KnownHostsFiles)}.{other}",
            $"Compare the fingerprint with the one that 'ssh-keygen -lf /etc/ssh/ssh_host_{FileType(key)}_key.pub' prints on the host itself. "
                + $"If they are equal, accept the key with: {Keyscan(target)} >> {file}",
            target.Name);
    }

    public static EtcdDrException Changed(SshTarget target, byte[] key, KnownHostEntry known) => new(
        "HostKeyChanged",
        EtcdDrErrorCategory.SecurityError,
        $"The host key of {Named(target)} is not the one that is known: the host presented {Describe(key)}, but {known.Place} holds {HostKeyCheck.Fingerprint(known.Key)}. "
            + "Either the host was made anew, or somebody else answers in its place.",
        $"Find out why the key changed before you go on. If it is right, remove line {known.Line} of {known.File} and add the new key with: {Keyscan(target)} >> {known.File}",
        target.Name);

    public static EtcdDrException Revoked(SshTarget target, byte[] key, KnownHostEntry revoked) => new(
        "HostKeyRevoked",
        EtcdDrErrorCategory.SecurityError,
        $"The key of {Named(target)}, {Describe(key)}, is marked as revoked in {revoked.Place}.",
        "Do not connect to this host before it has a new key; ask who revoked the old one.",
        target.Name);

    public static EtcdDrException AuthorityUnknown(SshTarget target, Certificate certificate, string fingerprint) => new(
        UnknownId,
        EtcdDrErrorCategory.SecurityError,
        $"The host certificate of {Named(target)} ({certificate.KeyId}) is signed by an authority that is not known for this host: {fingerprint}.",
        $"Compare the fingerprint with your authority's. If they are equal, add '@cert-authority {target.Host} <public key>' to {target.KnownHostsFiles[0]}.",
        target.Name);

    public static EtcdDrException CertificateInvalid(SshTarget target, Certificate certificate, string reason) => new(
        "HostCertificateInvalid",
        EtcdDrErrorCategory.SecurityError,
        $"The host certificate of {Named(target)} ({certificate.KeyId}) cannot be accepted: {reason}.",
        "Have the host's certificate renewed by your authority for the name that is connected to.",
        target.Name);

    public static EtcdDrException SignatureInvalid(SshTarget target, Exception cause) => new(
        "HostKeyInvalid",
        EtcdDrErrorCategory.SecurityError,
        $"{Named(target)} did not prove that it owns its host key, or the authority's signature on its certificate is wrong.",
        "Somebody may stand between this machine and the host; connect from elsewhere and compare the host's keys.",
        target.Name,
        cause);

    private static string Describe(byte[] key) => $"{KnownHosts.TypeOf(key)} {HostKeyCheck.Fingerprint(key)}";

    private static string Named(SshTarget target) => target.Name == target.Host ? target.Endpoint : $"{target.Name} ({target.Endpoint})";

    private static string Keyscan(SshTarget target) =>
        target.Port == 22 ? $"ssh-keyscan {target.Host}" : $"ssh-keyscan -p {target.Port} {target.Host}";

    private static string FileType(byte[] key) => KnownHosts.TypeOf(key) switch
    {
        "ssh-ed25519" => "ed25519",
        "ssh-rsa" => "rsa",
        _ => "ecdsa",
    };
}
