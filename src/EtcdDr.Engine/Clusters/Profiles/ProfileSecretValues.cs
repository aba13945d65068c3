using System.Security;

namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>Gets the secrets that a profile names, from environment variables or from vaults.</summary>
internal static class ProfileSecretValues
{
    private const string KeyPassphrase = "keyPassphrase";
    private const string Password = "password";
    private const string SudoPassword = "sudoPassword";

    /// <summary>Which secrets are named, and where each is: the variable, or vault and name.</summary>
    public static IEnumerable<(string Key, string Source)> Sources(ProfileSecrets secrets) =>
        new[] { KeyPassphrase, Password, SudoPassword }
            .Select(key => (key, Named(secrets, key) is var (variable, vault) ? variable ?? vault?.ToString() : null))
            .Where(s => s.Item2 is not null)
            .Select(s => (s.key, s.Item2!));

    /// <summary>The settings with all secrets; those that were given win, and are not looked for.</summary>
    /// <exception cref="EtcdDrException"><c>ProfileSecretNotSet</c>, and what <see cref="SecretLookup"/> throws.</exception>
    public static SshSettings With(string profile, ProfileSsh ssh, ClusterSecrets? given, SecretLookup? vaults) =>
        ssh.Settings with
        {
            User = given?.User ?? ssh.Settings.User,
            KeyPassphrase = given?.KeyPassphrase ?? Value(profile, ssh, KeyPassphrase, vaults),
            Password = given?.Password ?? Value(profile, ssh, Password, vaults),
            SudoPassword = given?.SudoPassword ?? Value(profile, ssh, SudoPassword, vaults),
        };

    /// <summary>The settings with one secret more.</summary>
    public static SshSettings With(string profile, ProfileSsh ssh, string key, SshSettings settings, SecretLookup vaults)
    {
        var value = Value(profile, ssh, key, vaults);
        return key switch
        {
            KeyPassphrase => settings with { KeyPassphrase = value },
            Password => settings with { Password = value },
            _ => settings with { SudoPassword = value },
        };
    }

    private static (string? Variable, SecretReference? Vault) Named(ProfileSecrets secrets, string key) =>
        key switch
        {
            KeyPassphrase => (secrets.KeyPassphraseEnv, secrets.KeyPassphraseSecret),
            Password => (secrets.PasswordEnv, secrets.PasswordSecret),
            _ => (secrets.SudoPasswordEnv, secrets.SudoPasswordSecret),
        };

    private static SecureString? Value(string profile, ProfileSsh ssh, string key, SecretLookup? vaults)
    {
        var (variable, secret) = Named(ssh.Secrets, key);
        if (secret is not null)
        {
            return vaults is null ? throw ProfileErrors.NoVaults(profile, key + "Secret", secret) : vaults(secret);
        }

        if (variable is null)
        {
            return null;
        }

        var value = Environment.GetEnvironmentVariable(variable);
        if (string.IsNullOrEmpty(value))
        {
            throw ProfileErrors.NoSecret(profile, key + "Env", variable);
        }

        var hidden = new SecureString();
        foreach (var c in value)
        {
            hidden.AppendChar(c);
        }

        hidden.MakeReadOnly();
        return hidden;
    }
}
