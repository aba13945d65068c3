namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>The ways in which a key cannot be used, in words.</summary>
internal static class KeyErrors
{
    public const string PassphraseRequiredId = "KeyPassphraseRequired";

    public static EtcdDrException NotFound(string path) => new(
        "KeyFileNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        $"The private key file {path} is not there.",
        "Name the right file with the profile's keyFile or -KeyFile.",
        path);

    public static EtcdDrException Unreadable(string path, Exception cause) => new(
        "KeyFileUnreadable",
        EtcdDrErrorCategory.PermissionDenied,
        $"The private key file {path} cannot be read: {cause.Message}",
        "Make it readable for you alone (chmod 600).",
        path,
        cause);

    public static EtcdDrException Invalid(string path, Exception cause) => new(
        "KeyFileInvalid",
        EtcdDrErrorCategory.InvalidData,
        $"{path} is not a private key that can be used: {cause.Message}",
        "Give a key in the format of OpenSSH, PEM, PKCS#8 or PuTTY: RSA, ECDSA or Ed25519.",
        path,
        cause);

    public static EtcdDrException PassphraseRequired(string path) => new(
        PassphraseRequiredId,
        EtcdDrErrorCategory.AuthenticationError,
        $"The private key {path} is encrypted, and no passphrase was given.",
        "Give it with -KeyPassphrase, or load the key into an ssh-agent.",
        path);

    public static EtcdDrException PassphraseWrong(string path, Exception cause) => new(
        "KeyPassphraseWrong",
        EtcdDrErrorCategory.AuthenticationError,
        $"The passphrase does not open the private key {path}, or the file is damaged.",
        "Give the right passphrase with -KeyPassphrase; 'ssh-keygen -yf' on the file tells whether it opens.",
        path,
        cause);

    public static EtcdDrException CertificateInvalid(string path, Exception cause) => new(
        "CertificateFileInvalid",
        EtcdDrErrorCategory.InvalidData,
        $"{path} is not an SSH certificate that can be used: {cause.Message}",
        "Have your authority sign the public key again (ssh-keygen -s), or remove the file.",
        path,
        cause);

    public static EtcdDrException NothingToOffer(SshTarget target) => new(
        "SshAuthenticationFailed",
        EtcdDrErrorCategory.AuthenticationError,
        $"There is nothing to log in to {target.Name} with: no key file was named, there is none of ~/.ssh/id_ed25519, id_ecdsa and id_rsa, no ssh-agent holds one, and no password was given.",
        "Name a key with the profile's keyFile or -KeyFile, or start an ssh-agent.",
        target.Name);
}
