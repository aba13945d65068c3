using System.Globalization;
using System.Text;

namespace EtcdDr.Lab.Seed;

/// <summary>
/// Objects such as fill the databases of real clusters: Helm's release secrets by bytes, config maps by number. The same for every call,
/// and about as compressible as real ones (secrets hold base64 of gzipped data; config maps hold text).
/// </summary>
internal static class SeedObjects
{
    private const int SecretBytes = 192 * 1024;
    private const int LargeMapBytes = 24 * 1024;
    private const int SmallMapBytes = 2 * 1024;
    private static readonly string[] Words =
    [
        "server",
        "timeout",
        "enabled",
        "true",
        "false",
        "replicas",
        "image",
        "registry",
        "namespace",
        "interval",
        "endpoint",
        "metrics",
        "level",
        "info",
        "debug",
        "path",
        "host",
        "port",
        "token",
        "database",
        "connection",
        "pool",
        "retries",
        "policy",
        "default",
        "cache",
        "size",
        "limit",
        "memory",
        "cpu",
    ];

    /// <summary>Keys and values (JSON, which a kube-apiserver reads as well as protobuf) of about <paramref name="bytes"/> in
    /// all.</summary>
    public static IEnumerable<(string Key, byte[] Value)> Generate(long bytes)
    {
        var random = new Random(20261123);
        long written = 0;
        for (var number = 0; written < bytes; number++)
        {
            var (key, value) = Next(number, random, bytes);
            written += key.Length + value.Length;
            yield return (key, value);
        }
    }

    private static (string Key, byte[] Value) Next(int number, Random random, long total)
    {
        // By bytes: half secrets, the rest config maps. A small database gets small objects only.
        var kind = total < (16 << 20) ? 3 : number % 16;
        var name = string.Create(CultureInfo.InvariantCulture, $"{number:d7}");
        return kind switch
        {
            0 => Secret($"sh.helm.release.v1.app-{name}.v1", random),
            1 or 2 => ConfigMap($"large-{name}", random, LargeMapBytes),
            _ => ConfigMap($"app-{name}", random, SmallMapBytes),
        };
    }

    private static (string Key, byte[] Value) Secret(string name, Random random)
    {
        var payload = new byte[SecretBytes * 3 / 4];
        random.NextBytes(payload);
        var data = Convert.ToBase64String(Encoding.ASCII.GetBytes(Convert.ToBase64String(payload)));
        return Value("secrets", name, "Secret", random, $"\"type\":\"helm.sh/release.v1\",\"data\":{{\"release\":\"{data}\"}}");
    }

    private static (string Key, byte[] Value) ConfigMap(string name, Random random, int bytes)
    {
        var text = new StringBuilder(bytes + 32);
        while (text.Length < bytes)
        {
            text.Append(Words[random.Next(Words.Length)])
                .Append('.')
                .Append(Words[random.Next(Words.Length)])
                .Append('=')
                .Append(CultureInfo.InvariantCulture, $"{random.Next():x}")
                .Append("\\n");
        }

        return Value("configmaps", name, "ConfigMap", random, $"\"data\":{{\"application.properties\":\"{text}\"}}");
    }

    private static (string Key, byte[] Value) Value(string resource, string name, string kind, Random random, string body)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        var uid = new Guid(bytes);
        var json = $$$"""
            {"kind":"{{{kind}}}","apiVersion":"v1","metadata":{"name":"{{{name}}}","namespace":"default",
              "uid":"{{{uid}}}","creationTimestamp":"2026-01-01T00:00:00Z",
              "labels":{"app.kubernetes.io/managed-by":"lab"}},{{{body}}}}
            """;
        return ($"/registry/{resource}/default/{name}", Encoding.UTF8.GetBytes(json));
    }
}
