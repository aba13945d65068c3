using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Engine.Snapshots.Sealing;

/// <summary>A certificate that a snapshot is sealed to, for people to know which key opens it. The wrapped key itself says it to
/// machines.</summary>
/// <param name="Subject">Subject of the certificate.</param>
/// <param name="Issuer">Its issuer.</param>
/// <param name="SerialNumber">Its serial number, hexadecimal.</param>
/// <param name="Thumbprint">Its SHA-1 thumbprint, as PowerShell shows it.</param>
public sealed record SealRecipient(string Subject, string Issuer, string SerialNumber, string Thumbprint)
{
    internal static SealRecipient Of(X509Certificate2 certificate) =>
        new(certificate.Subject, certificate.Issuer, certificate.SerialNumber, certificate.Thumbprint);

    /// <inheritdoc/>
    public override string ToString() => $"{Subject} ({Thumbprint})";
}
