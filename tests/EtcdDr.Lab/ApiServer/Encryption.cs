using System.Security.Cryptography;
using System.Text;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.ApiServer;

/// <summary>Encryption at rest as --encryption-provider-config says: aescbc, aesgcm and identity, in the real storage format.</summary>
internal sealed class Encryption
{
    private static readonly byte[] Marker = "k8s:enc:"u8.ToArray();
    private readonly List<(string[] Resources, List<Provider> Providers)> rules = [];

    private sealed record Provider(string Type, string Name, byte[] Key)
    {
        public byte[] Prefix => Encoding.ASCII.GetBytes($"k8s:enc:{Type}:v1:{Name}:");
    }

    public static Encryption None { get; } = new();

    public static Encryption Read(string path)
    {
        var config = Yaml.Parse(File.ReadAllText(path)) ?? throw new InvalidDataException($"Error: {path} is empty");
        var result = new Encryption();
        foreach (var rule in config.Items("resources"))
        {
            var providers = new List<Provider>();
            foreach (var provider in rule.Items("providers"))
            {
                foreach (var (type, body) in provider)
                {
                    if (type == "identity")
                        providers.Add(new Provider("identity", "", []));
                    else if (type is "aescbc" or "aesgcm")
                        providers.AddRange(
                            body.Items("keys").Select(k => new Provider(type, k.Text("name")!, Convert.FromBase64String(k.Text("secret")!)))
                        );
                    else
                        throw new InvalidDataException($"Error: the lab's kube-apiserver has no encryption provider {type}");
                }
            }

            result.rules.Add(([.. rule.Texts("resources")], providers));
        }

        return result;
    }

    public byte[] Seal(Resource resource, string key, byte[] plain)
    {
        var first = ProvidersOf(resource).FirstOrDefault();
        if (first is null || first.Type == "identity")
            return plain;
        return [.. first.Prefix, .. first.Type == "aescbc" ? SealCbc(first.Key, plain) : SealGcm(first.Key, key, plain)];
    }

    public byte[] Open(Resource resource, string key, byte[] stored)
    {
        if (!stored.AsSpan().StartsWith(Marker))
            return stored;
        foreach (var provider in ProvidersOf(resource).Where(p => p.Type != "identity" && stored.AsSpan().StartsWith(p.Prefix)))
        {
            var body = stored[provider.Prefix.Length..];
            try
            {
                return provider.Type == "aescbc" ? OpenCbc(provider.Key, body) : OpenGcm(provider.Key, key, body);
            }
            catch (CryptographicException)
            {
                // The next key of that name, as the real one tries them.
            }
        }

        throw new StatusException(
            500,
            "InternalError",
            "Internal error occurred: unable to transform key \"" + key + "\": no matching prefix found"
        );
    }

    private IEnumerable<Provider> ProvidersOf(Resource resource) =>
        rules.FirstOrDefault(r => r.Resources.Any(n => n == resource.FullName || n == "*.*" || n == $"*.{resource.Group}")).Providers ?? [];

    private static byte[] SealCbc(byte[] key, byte[] plain)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        var iv = RandomNumberGenerator.GetBytes(16);
        return [.. iv, .. aes.EncryptCbc(plain, iv)];
    }

    private static byte[] OpenCbc(byte[] key, byte[] body)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        return aes.DecryptCbc(body.AsSpan(16), body.AsSpan(0, 16));
    }

    private static byte[] SealGcm(byte[] key, string path, byte[] plain)
    {
        using var aes = new AesGcm(key, 16);
        var result = new byte[12 + plain.Length + 16];
        RandomNumberGenerator.Fill(result.AsSpan(0, 12));
        aes.Encrypt(
            result.AsSpan(0, 12),
            plain,
            result.AsSpan(12, plain.Length),
            result.AsSpan(12 + plain.Length),
            Encoding.UTF8.GetBytes(path)
        );
        return result;
    }

    private static byte[] OpenGcm(byte[] key, string path, byte[] body)
    {
        using var aes = new AesGcm(key, 16);
        var plain = new byte[body.Length - 28];
        aes.Decrypt(body.AsSpan(0, 12), body.AsSpan(12, plain.Length), body.AsSpan(12 + plain.Length), plain, Encoding.UTF8.GetBytes(path));
        return plain;
    }
}
