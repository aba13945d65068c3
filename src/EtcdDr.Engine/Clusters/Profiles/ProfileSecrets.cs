namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Names of environment variables that hold secrets. The profile never holds the secrets themselves.</summary>
public sealed record ProfileSecrets
{
    /// <summary><c>keyPassphraseEnv</c>: passphrase of the SSH key.</summary>
    public string? KeyPassphraseEnv { get; init; }

    /// <summary><c>passwordEnv</c>: password of the SSH user.</summary>
    public string? PasswordEnv { get; init; }

    /// <summary><c>sudoPasswordEnv</c>: password that sudo asks for.</summary>
    public string? SudoPasswordEnv { get; init; }
}
