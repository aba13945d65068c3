using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots;
using EtcdDr.Engine.Snapshots.Places.Directories.Local;
using EtcdDr.Engine.Snapshots.Sealing;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>
/// A whole sealed snapshot as it lies on disk, of which one file is changed: the readable manifest or a sealed file. It is opened and read
/// as every cmdlet does. Each thread has a copy of its own; all of them go when this is disposed.
/// </summary>
internal sealed class SealedDirectory : IDisposable
{
    private const int UnitLength = 256;

    private readonly string _root = Directory.CreateTempSubdirectory("etcddr-fuzz-").FullName;
    private readonly ConcurrentBag<string> _free = [];
    private readonly string _original;
    private readonly string _key;
    private readonly Dictionary<string, byte[]> _contents;
    private int _copies;

    public SealedDirectory(RSA key, X509Certificate2 certificate)
    {
        _key = Path.Combine(_root, "key.pem");
        File.WriteAllText(_key, $"{certificate.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}");
        _contents = new Dictionary<string, byte[]>(StringComparer.Ordinal)
        {
            ["etcd-snapshot.db"] = new DatabaseBuilder().Put("/registry/pods/a/p", new byte[100]).Build(),
            ["keys/sa.key"] = "the key"u8.ToArray(),
            ["keys/sa.pub"] = "the public key"u8.ToArray(),
        };
        _original = WriteAsync(certificate).GetAwaiter().GetResult();
    }

    /// <summary>Tries one change.</summary>
    public FuzzVerdict Try(Random random)
    {
        var directory = _free.TryTake(out var free) ? free : Copy();
        var files = Directory.GetFiles(directory, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToArray();

        // The manifest is where most can be said.
        var file = random.Next(3) > 0 ? Path.Combine(directory, SnapshotManifest.FileName) : files[random.Next(files.Length)];
        var kept = File.ReadAllBytes(file);
        var bytes = Mutation.Apply(kept, random, UnitLength);
        File.WriteAllBytes(file, bytes);
        try
        {
            return ReadAsync(directory).GetAwaiter().GetResult() ? FuzzVerdict.Equal : FuzzVerdict.AcceptedChanged;
        }
        finally
        {
            File.WriteAllBytes(file, kept);
            _free.Add(directory);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_root, recursive: true);

    // Whether all files hold what was sealed, and no others are there.
    private async Task<bool> ReadAsync(string directory)
    {
        var context = new OperationContext(new SilentSink());
        var snapshot = new EtcdSnapshot
        {
            Name = Path.GetFileName(directory),
            Path = directory,
            Decryption = new SnapshotDecryption(_key, null),
        };
        await using var reader = await SnapshotReader.OpenAsync(snapshot, new SshHostFactory(), context, CancellationToken.None);
        if (!reader.IsSealed)
        {
            // A manifest that says so would have to list plain files, and there are none.
            await reader.VerifySumsAsync(null, CancellationToken.None);
            return false;
        }

        await reader.UnlockAsync(CancellationToken.None);
        if (reader.Snapshot is not { Label: "a label", Cluster: "primary" })
        {
            return false;
        }

        foreach (var path in reader.ContentPaths)
        {
            await using var stream = await reader.OpenFileAsync(path, CancellationToken.None);
            using var content = new MemoryStream();
            await stream.CopyToAsync(content);
            if (!_contents.TryGetValue(path, out var expected) || !content.ToArray().AsSpan().SequenceEqual(expected))
            {
                return false;
            }
        }

        return reader.ContentPaths.Count() == _contents.Count;
    }

    private async Task<string> WriteAsync(X509Certificate2 certificate)
    {
        using var sealer = SnapshotSealer.For((X509Certificate2[])[new X509Certificate2(certificate)]);
        await using var writer = await SnapshotWriter.CreateAsync(
            new LocalSnapshotStore(_root),
            DateTimeOffset.UtcNow,
            sealer,
            "a label",
            "primary"
        );
        foreach (var (path, content) in _contents)
        {
            await writer.WriteAsync(path, content, CancellationToken.None);
        }

        var manifest = new SnapshotManifest
        {
            Created = writer.Time.UtcDateTime,
            Label = "a label",
            Cluster = "primary",
            Tool = ToolName.Current,
            Files = writer.Files,
        };
        return await writer.CompleteAsync(manifest, CancellationToken.None);
    }

    private string Copy()
    {
        var directory = Path.Combine(_root, $"{Interlocked.Increment(ref _copies)}", Path.GetFileName(_original));
        foreach (var file in Directory.GetFiles(_original, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(directory, Path.GetRelativePath(_original, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return directory;
    }
}
