using System.Collections;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace EtcdDr.Completion;

/// <summary>Completes certificates that snapshots are sealed to: subjects in CurrentUser\My, and what the profile names. Where none fits,
/// PowerShell completes files itself.</summary>
public sealed class RecipientCompleter : NameCompleter
{
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Names(string typed, IDictionary boundParameters) =>
        [.. OfProfile(boundParameters).Concat(OfStore()).Distinct(StringComparer.Ordinal)];

    private static List<string> OfProfile(IDictionary boundParameters)
    {
        try
        {
            var profile = CompletionLocation.Profile(boundParameters);
            return [.. profile.Clusters.SelectMany(c => profile.Cluster(c).EncryptTo)];
        }
        catch (EtcdDrException)
        {
            // Certificates of the store need no profile.
            return [];
        }
    }

    private static List<string> OfStore()
    {
        try
        {
            using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
            store.Open(OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
            return [.. store.Certificates.Where(c => c.NotAfter > DateTime.Now).Select(c => c.Subject)];
        }
        catch (CryptographicException)
        {
            // There is no store yet.
            return [];
        }
    }
}
