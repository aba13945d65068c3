using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Snapshots.Verification;

/// <summary>
/// Checks the keys that a snapshot holds: that they can be read, and that <c>sa.pub</c> holds the public part of <c>sa.key</c>. Nothing of
/// a key gets into a message.
/// </summary>
internal static class KeyVerification
{
    internal const string Remedy =
        "Workloads' tokens will not be accepted after a restore with these keys. Use another copy of the snapshot, or take a new one.";

    internal static async Task RunAsync(SnapshotReader reader, SnapshotFindings findings, CancellationToken cancellationToken)
    {
        if (reader.Snapshot.Format == SnapshotFormat.Database)
        {
            return;
        }

        await PairAsync(reader, findings, cancellationToken);
        foreach (var config in reader.EncryptionConfigs)
        {
            await EncryptionAsync(reader, config.Path, findings, cancellationToken);
        }
    }

    /// <summary>Says what is wrong with a pair of service-account keys; null if they belong together.</summary>
    internal static string? PairFault(ReadOnlySpan<char> privatePem, ReadOnlySpan<char> publicPem)
    {
        var own = PublicOf(privatePem);
        if (own is null)
        {
            return "sa.key holds no private key that can be read (RSA or EC, PEM)";
        }

        var published = PublicKeys(publicPem);
        if (published.Count == 0)
        {
            return "sa.pub holds no public key that can be read (RSA or EC, PEM)";
        }

        return published.Any(p => p.AsSpan().SequenceEqual(own)) ? null : "sa.pub is not the public key of sa.key";
    }

    /// <summary>Says what is wrong with the pair of service-account keys that a snapshot holds; null if they belong together, or there are
    /// none.</summary>
    internal static async Task<string?> PairFaultAsync(SnapshotReader reader, CancellationToken cancellationToken)
    {
        if (reader.ServiceAccountKeyPath is not { } keyPath || reader.ServiceAccountPublicKeyPath is not { } publicPath)
        {
            return null;
        }

        var key = await ReadAsync(reader, keyPath, cancellationToken);
        try
        {
            var published = await ReadAsync(reader, publicPath, cancellationToken);
            return PairFault(key, published);
        }
        finally
        {
            Array.Clear(key);
        }
    }

    private static async Task PairAsync(SnapshotReader reader, SnapshotFindings findings, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        if (reader.ServiceAccountKeyPath is not { } keyPath || reader.ServiceAccountPublicKeyPath is null)
        {
            findings.Find(
                VerificationChecks.Keys,
                SnapshotTestSeverity.Error,
                "The snapshot holds no pair of service-account keys (sa.key, sa.pub).",
                Remedy,
                started
            );
            return;
        }

        if (await PairFaultAsync(reader, cancellationToken) is not { } fault)
        {
            findings.Pass(VerificationChecks.Keys, "sa.key and sa.pub can be read and belong together.", started, keyPath);
            return;
        }

        findings.Find(
            VerificationChecks.Keys,
            SnapshotTestSeverity.Error,
            $"The service-account keys are not usable: {fault}.",
            Remedy,
            started,
            keyPath
        );
    }

    private static async Task<char[]> ReadAsync(SnapshotReader reader, string path, CancellationToken cancellationToken)
    {
        var bytes = await reader.ReadFileAsync(path, cancellationToken);
        try
        {
            return Encoding.UTF8.GetChars(bytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    // The public part of the first private key of a PEM text, as SubjectPublicKeyInfo.
    private static byte[]? PublicOf(ReadOnlySpan<char> pem)
    {
        while (PemEncoding.TryFind(pem, out var fields))
        {
            if (pem[fields.Label] is "RSA PRIVATE KEY" or "EC PRIVATE KEY" or "PRIVATE KEY")
            {
                return Import(pem[fields.Location]);
            }

            pem = pem[fields.Location.End..];
        }

        return null;
    }

    private static List<byte[]> PublicKeys(ReadOnlySpan<char> pem)
    {
        var keys = new List<byte[]>();
        while (PemEncoding.TryFind(pem, out var fields))
        {
            var key = pem[fields.Label] is "CERTIFICATE" ? OfCertificate(pem[fields.Location]) : Import(pem[fields.Location]);
            if (key is not null)
            {
                keys.Add(key);
            }

            pem = pem[fields.Location.End..];
        }

        return keys;
    }

    private static byte[]? OfCertificate(ReadOnlySpan<char> pem)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(pem);
            return certificate.PublicKey.ExportSubjectPublicKeyInfo();
        }
        catch (CryptographicException)
        {
            // Not a certificate: the caller says that there is no key.
            return null;
        }
    }

    private static byte[]? Import(ReadOnlySpan<char> pem)
    {
        using var rsa = RSA.Create();
        if (TryImport(rsa, pem))
        {
            return rsa.ExportSubjectPublicKeyInfo();
        }

        using var ec = ECDsa.Create();
        return TryImport(ec, pem) ? ec.ExportSubjectPublicKeyInfo() : null;
    }

    private static bool TryImport(AsymmetricAlgorithm algorithm, ReadOnlySpan<char> pem)
    {
        try
        {
            algorithm.ImportFromPem(pem);
            return true;
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            // A key of another kind, or none: the caller tries the other kind, then says so.
            return false;
        }
    }

    private static async Task EncryptionAsync(
        SnapshotReader reader,
        string path,
        SnapshotFindings findings,
        CancellationToken cancellationToken
    )
    {
        var started = Stopwatch.GetTimestamp();
        var fault = EncryptionFault(Encoding.UTF8.GetString(await reader.ReadFileAsync(path, cancellationToken)));
        if (fault is null)
        {
            findings.Pass(VerificationChecks.Keys, $"The encryption configuration '{path}' can be read.", started, path);
            return;
        }

        findings.Find(
            VerificationChecks.Keys,
            SnapshotTestSeverity.Error,
            $"The encryption configuration '{path}' is not usable: {fault}.",
            "Secrets that are encrypted at rest cannot be read after a restore with it. Use another copy of the snapshot, or take a "
                + "new one.",
            started,
            path
        );
    }

    private static string? EncryptionFault(string text)
    {
        try
        {
            var root = YamlReader.Read(text);
            if (root?.TextOf("kind") is not "EncryptionConfiguration")
            {
                return "its kind is not EncryptionConfiguration";
            }

            return root["resources"] is { Items: { Count: > 0 } items } && items.All(i => i["providers"] is { Items.Count: > 0 })
                ? null
                : "it names no resources with providers";
        }
        catch (YamlFormatException failure)
        {
            // The parser's text could repeat a line of the file, which holds keys; the line's number is enough.
            return $"it is not YAML that can be read (line {failure.Line})";
        }
    }
}
