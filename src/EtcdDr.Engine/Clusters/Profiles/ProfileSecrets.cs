namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Where secrets are: in environment variables, or in vaults of SecretManagement. The profile never holds the secrets
/// themselves.</summary>
public sealed record ProfileSecrets
{
    /// <summary><c>keyPassphraseEnv</c>: passphrase of the SSH key.</summary>
    public string? KeyPassphraseEnv { get; init; }

    /// <summary><c>passwordEnv</c>: password of the SSH user.</summary>
    public string? PasswordEnv { get; init; }

    /// <summary><c>sudoPasswordEnv</c>: password that sudo asks for.</summary>
    public string? SudoPasswordEnv { get; init; }

    /// <summary><c>keyPassphraseSecret</c>: passphrase of the SSH key.</summary>
    public SecretReference? KeyPassphraseSecret { get; init; }

    /// <summary><c>passwordSecret</c>: password of the SSH user.</summary>
    public SecretReference? PasswordSecret { get; init; }

    /// <summary><c>sudoPasswordSecret</c>: password that sudo asks for.</summary>
    public SecretReference? SudoPasswordSecret { get; init; }
}
