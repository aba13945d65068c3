namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>What can be wrong with certificates and keys of sealed snapshots.</summary>
internal static class SealErrors
{
    /// <summary>The error for a certificate that is not there.</summary>
    public static EtcdDrException CertificateNotFound(string recipient, string why, Exception? error = null) => new(
        "CertificateNotFound",
        EtcdDrErrorCategory.ObjectNotFound,
        $"There is no certificate '{recipient}' to seal to: {why}.",
        "Name a certificate file (.cer, .crt, .pem, .pfx), the thumbprint, or the subject of a certificate for document encryption in the CurrentUser\\My store.",
        recipient,
        error);

    /// <summary>The error for a certificate that cannot be sealed to.</summary>
    public static EtcdDrException CertificateUnusable(string recipient, string why, Exception? error = null) => new(
        "CertificateUnusable",
        EtcdDrErrorCategory.InvalidArgument,
        $"The certificate '{recipient}' cannot be sealed to: {why}.",
        "Use an RSA certificate with the key usage Key Encipherment and the extended key usage Document Encryption (1.3.6.1.4.1.311.80.1).",
        recipient,
        error);

    /// <summary>The error where no private key is at hand.</summary>
    public static EtcdDrException KeyMissing(string snapshot, IEnumerable<SealRecipient> recipients) => new(
        "SnapshotKeyMissing",
        EtcdDrErrorCategory.SecurityError,
        $"The snapshot '{snapshot}' is sealed to {List(recipients)}, and the private key of none of them is in the certificate store of this account.",
        "Give one with -DecryptWith (a PFX or PEM file, or a thumbprint) and -DecryptPassphrase.",
        snapshot);

    /// <summary>The error for a private key that is not that of a recipient.</summary>
    public static EtcdDrException KeyWrong(string snapshot, string key, IEnumerable<SealRecipient> recipients) => new(
        "SnapshotKeyWrong",
        EtcdDrErrorCategory.SecurityError,
        $"'{key}' does not open the snapshot '{snapshot}': it is sealed to {List(recipients)}.",
        "Give the private key of one of these certificates with -DecryptWith.",
        snapshot);

    /// <summary>The error for a private key that cannot be read.</summary>
    public static EtcdDrException KeyUnreadable(string key, string why, Exception? error = null) => new(
        "DecryptionKeyUnreadable",
        EtcdDrErrorCategory.SecurityError,
        $"The private key '{key}' cannot be used: {why}.",
        "Check the file, its permissions and its passphrase (-DecryptPassphrase).",
        key,
        error);

    private static string List(IEnumerable<SealRecipient> recipients)
    {
        var names = recipients.Select(r => $"'{r}'").Take(5).ToList();
        return names.Count == 0 ? "certificates that it does not name" : string.Join(", ", names);
    }
}
