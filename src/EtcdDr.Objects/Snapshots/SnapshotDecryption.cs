using System.Security;

namespace EtcdDr;

/// <summary>What opens a sealed snapshot. In memory only; never serialized.</summary>
/// <param name="With">Absolute path of a PFX or PEM file, or a thumbprint or subject in the certificate store; null to look there for any
/// recipient.</param>
/// <param name="Passphrase">Passphrase of the file.</param>
internal sealed record SnapshotDecryption(string? With, SecureString? Passphrase);
