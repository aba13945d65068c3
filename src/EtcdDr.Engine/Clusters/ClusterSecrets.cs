using System.Security;

namespace EtcdDr.Engine.Clusters;

/// <summary>Secrets that are given as parameters; they win over those that a profile's environment variables hold.</summary>
public sealed record ClusterSecrets
{
    /// <summary>Passphrase of the SSH key.</summary>
    public SecureString? KeyPassphrase { get; init; }

    /// <summary>User of the SSH login; null for the profile's.</summary>
    public string? User { get; init; }

    /// <summary>Password of the SSH login.</summary>
    public SecureString? Password { get; init; }

    /// <summary>Password that sudo asks for.</summary>
    public SecureString? SudoPassword { get; init; }
}
