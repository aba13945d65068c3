namespace EtcdDr.Engine.Clusters.Profiles;

/// <summary>A secret in a vault of Microsoft.PowerShell.SecretManagement, as a profile writes it: <c>vault/name</c>, or <c>name</c> for the
/// default vault.</summary>
/// <param name="Vault">The vault; null for the default one.</param>
/// <param name="Name">The secret's name, which may have slashes itself.</param>
public sealed record SecretReference(string? Vault, string Name)
{
    /// <summary>Reads one; null if a part is empty.</summary>
    public static SecretReference? Parse(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var (vault, name) = slash < 0 ? (null, text) : (text[..slash], text[(slash + 1)..]);
        return vault is "" || name.Length == 0 ? null : new SecretReference(vault, name);
    }

    /// <inheritdoc/>
    public override string ToString() => Vault is null ? Name : $"{Vault}/{Name}";
}
