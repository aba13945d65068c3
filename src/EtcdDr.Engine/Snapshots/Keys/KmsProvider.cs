using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Snapshots.Keys;

/// <summary>A key management service that an apiserver encrypts values with: the key is there, and in no snapshot.</summary>
/// <param name="Name">The name that stored values bear.</param>
/// <param name="Endpoint">The plug-in's socket on the node.</param>
/// <param name="Resources">What is encrypted with it, or was.</param>
internal sealed record KmsProvider(string Name, string Endpoint, IReadOnlyList<string> Resources)
{
    /// <summary>Those of an EncryptionConfiguration; none where it cannot be read, which other checks tell of.</summary>
    /// <param name="text">The configuration. It may hold keys: nothing of it gets into a message but names and endpoints.</param>
    public static IReadOnlyList<KmsProvider> Of(string text)
    {
        try
        {
            return
            [
                .. from entry in YamlReader.Read(text)?["resources"]?.Items ?? []
                from provider in entry["providers"]?.Items ?? []
                let kms = provider["kms"]
                where kms is not null
                group entry by (Name: kms.TextOf("name") ?? string.Empty, Endpoint: kms.TextOf("endpoint") ?? string.Empty) into one
                select new KmsProvider(
                    one.Key.Name,
                    one.Key.Endpoint,
                    [.. one.SelectMany(e => e["resources"]?.Items ?? []).Select(r => r.Text).Distinct(StringComparer.Ordinal)]
                ),
            ];
        }
        catch (YamlFormatException)
        {
            return [];
        }
    }
}
