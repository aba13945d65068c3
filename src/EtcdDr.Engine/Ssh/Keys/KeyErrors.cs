namespace EtcdDr.Engine.Ssh.Keys;

/// <summary>The ways in which a key cannot be used, in words.</summary>
internal static class KeyErrors
{
    public const string PassphraseRequiredId = "KeyPassphraseRequired";
    public const string EncryptionUnsupportedId = "KeyEncryptionUnsupported";

    public static EtcdDrException NotFound(string path) =>
        new("KeyFileNotFound", EtcdDrErrorCategory.ObjectNotFound, Errors.KeyFileNotFound.With(path), Errors.KeyFileNotFound_Action, path);

    public static EtcdDrException Unreadable(string path, Exception cause) =>
        new(
            "KeyFileUnreadable",
            EtcdDrErrorCategory.PermissionDenied,
            Errors.KeyFileUnreadable.With(path, cause.Message),
            Errors.KeyFileUnreadable_Action,
            path,
            cause
        );

    public static EtcdDrException Invalid(string path, Exception cause) =>
        new(
            "KeyFileInvalid",
            EtcdDrErrorCategory.InvalidData,
            Errors.KeyFileInvalid.With(path, cause.Message),
            Errors.KeyFileInvalid_Action,
            path,
            cause
        );

    public static EtcdDrException EncryptionUnsupported(string path) =>
        new(
            EncryptionUnsupportedId,
            EtcdDrErrorCategory.NotImplemented,
            Errors.KeyEncryptionUnsupported.With(path),
            Errors.KeyEncryptionUnsupported_Action.With(path),
            path
        );

    public static EtcdDrException PassphraseRequired(string path) =>
        new(
            PassphraseRequiredId,
            EtcdDrErrorCategory.AuthenticationError,
            Errors.KeyPassphraseRequired.With(path),
            Errors.KeyPassphraseRequired_Action,
            path
        );

    public static EtcdDrException PassphraseWrong(string path, Exception cause) =>
        new(
            "KeyPassphraseWrong",
            EtcdDrErrorCategory.AuthenticationError,
            Errors.KeyPassphraseWrong.With(path),
            Errors.KeyPassphraseWrong_Action,
            path,
            cause
        );

    public static EtcdDrException CertificateInvalid(string path, Exception cause) =>
        new(
            "CertificateFileInvalid",
            EtcdDrErrorCategory.InvalidData,
            Errors.CertificateFileInvalid.With(path, cause.Message),
            Errors.CertificateFileInvalid_Action,
            path,
            cause
        );

    public static EtcdDrException NothingToOffer(SshTarget target) =>
        new(
            "SshAuthenticationFailed",
            EtcdDrErrorCategory.AuthenticationError,
            Errors.SshAuthenticationFailed_NothingToOffer.With(target.Name),
            Errors.SshAuthenticationFailed_NothingToOffer_Action,
            target.Name
        );
}
