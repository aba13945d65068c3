namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>What can be wrong with certificates and keys of sealed snapshots.</summary>
internal static class SealErrors
{
    /// <summary>The error for a certificate that is not there.</summary>
    public static EtcdDrException CertificateNotFound(string recipient, string why, Exception? error = null) =>
        new(
            "CertificateNotFound",
            EtcdDrErrorCategory.ObjectNotFound,
            Errors.CertificateNotFound.With(recipient, why),
            Errors.CertificateNotFound_Action,
            recipient,
            error
        );

    /// <summary>The error for a certificate that cannot be sealed to.</summary>
    public static EtcdDrException CertificateUnusable(string recipient, string why, Exception? error = null) =>
        new(
            "CertificateUnusable",
            EtcdDrErrorCategory.InvalidArgument,
            Errors.CertificateUnusable.With(recipient, why),
            Errors.CertificateUnusable_Action,
            recipient,
            error
        );

    /// <summary>The error where no private key is at hand.</summary>
    public static EtcdDrException KeyMissing(string snapshot, IEnumerable<SealRecipient> recipients) =>
        new(
            "SnapshotKeyMissing",
            EtcdDrErrorCategory.SecurityError,
            Errors.SnapshotKeyMissing.With(snapshot, List(recipients)),
            Errors.SnapshotKeyMissing_Action,
            snapshot
        );

    /// <summary>The error for a private key that is not that of a recipient.</summary>
    public static EtcdDrException KeyWrong(string snapshot, string key, IEnumerable<SealRecipient> recipients) =>
        new(
            "SnapshotKeyWrong",
            EtcdDrErrorCategory.SecurityError,
            Errors.SnapshotKeyWrong.With(key, snapshot, List(recipients)),
            Errors.SnapshotKeyWrong_Action,
            snapshot
        );

    /// <summary>The error for a private key that cannot be read.</summary>
    public static EtcdDrException KeyUnreadable(string key, string why, Exception? error = null) =>
        new(
            "DecryptionKeyUnreadable",
            EtcdDrErrorCategory.SecurityError,
            Errors.DecryptionKeyUnreadable.With(key, why),
            Errors.DecryptionKeyUnreadable_Action,
            key,
            error
        );

    private static string List(IEnumerable<SealRecipient> recipients)
    {
        var names = recipients.Select(r => $"'{r}'").Take(5).ToList();
        return names.Count == 0 ? Errors.SnapshotKeyMissing_Unnamed_Part : string.Join(", ", names);
    }
}
