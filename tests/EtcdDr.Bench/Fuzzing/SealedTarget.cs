using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Snapshots.Sealing;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>
/// Sealed files, as a stream and at random offsets; the wrapped key; whole sealed snapshots with their readable manifests. Files are as
/// long as one chunk more or less, so that every border is near. A change must be refused, and bytes that were given before the refusal
/// must be those that were sealed.
/// </summary>
public sealed class SealedTarget : IFuzzTarget, IDisposable
{
    private const string Snapshot = "fuzz";
    private static readonly int[] Lengths =
    [
        0,
        20,
        5000,
        SealedLayout.ChunkLength,
        SealedLayout.ChunkLength + 1,
        (3 * SealedLayout.ChunkLength) + 77,
    ];

    private readonly SnapshotKey _key = SnapshotKey.Of(SHA256.HashData("fuzz"u8));
    private readonly (byte[] Plain, byte[] Sealed, string Id)[] _files;
    private readonly RSA _private = RSA.Create(2048);
    private readonly SnapshotSeal _seal;
    private readonly byte[] _wrapped;
    private readonly SealedDirectory _directory;

    public SealedTarget()
    {
        var random = new Random(1);
        _files = [.. Lengths.Select(length => Seal(random, length))];
        using var certificate = CertificateOf(_private);
        _directory = new SealedDirectory(_private, certificate);
        using var sealer = SnapshotSealer.For((X509Certificate2[])[certificate]);
        _seal = sealer.Seal("sealed/0");
        _wrapped = sealer.Key.Bytes.ToArray();
    }

    /// <inheritdoc/>
    public string Name => "sealed snapshot";

    /// <inheritdoc/>
    public FuzzVerdict Try(Random random, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(random);
        try
        {
            // Opening a wrapped key costs an RSA operation; the chunks are what is large.
            return random.Next(20) switch
            {
                0 => TryKey(random),
                1 => _directory.Try(random),
                _ => TryFile(random),
            };
        }
        catch (EtcdDrException)
        {
            // A clear error is one of the two right answers.
            return FuzzVerdict.Refused;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _directory.Dispose();
        _key.Dispose();
        _private.Dispose();
    }

    private FuzzVerdict TryKey(Random random)
    {
        var der = Mutation.Apply(_seal.Key, random, 64);
        using var key = new SnapshotUnsealer(Snapshot, _seal with { Key = der }).Unseal(_private, "fuzz");

        // The wrapping itself proves nothing; every chunk does. A key that was changed must open no file.
        if (key.Bytes.SequenceEqual(_wrapped))
        {
            return FuzzVerdict.Equal;
        }

        var (plain, content, id) = _files[2];
        return Stream(content, id, key, plain) == plain.Length ? FuzzVerdict.AcceptedChanged : FuzzVerdict.Refused;
    }

    private FuzzVerdict TryFile(Random random)
    {
        var (plain, original, id) = _files[random.Next(_files.Length)];
        var content =
            random.Next(12) == 0
                ? _files[random.Next(_files.Length)].Sealed
                : Mutation.Apply(original, random, random.Next(2) == 0 ? SealedLayout.ChunkLength + SealedLayout.TagLength : 4096);
        if (random.Next(8) == 0)
        {
            content = MoveChunks(original, random);
        }

        var changed = !content.AsSpan().SequenceEqual(original);
        if (random.Next(2) == 0)
        {
            Stream(content, id, _key, plain);
            return changed ? FuzzVerdict.AcceptedChanged : FuzzVerdict.Equal;
        }

        return Pages(content, id, plain, random) && changed ? FuzzVerdict.AcceptedChanged : FuzzVerdict.Equal;
    }

    // Whole chunks, where they fit together: what only the chunk's number and the mark of the last one can tell.
    private static byte[] MoveChunks(byte[] original, Random random)
    {
        var chunks = original.AsSpan(SealedLayout.HeaderLength).ToArray().Chunk(SealedLayout.ChunkLength + SealedLayout.TagLength).ToList();
        chunks.Insert(random.Next(chunks.Count), chunks[random.Next(chunks.Count)]);
        chunks.RemoveAt(random.Next(chunks.Count));
        return [.. original.AsSpan(0, SealedLayout.HeaderLength), .. chunks.SelectMany(c => c)];
    }

    private static int Stream(byte[] content, string id, SnapshotKey key, byte[] plain)
    {
        using var stream = new SealedReadStream(
            new MemoryStream(content),
            SealedFile.Of(Snapshot, "file", SealedKind.File, id, content.Length),
            key
        );
        var buffer = new byte[50_000];
        var done = 0;
        for (int read; (read = stream.Read(buffer)) > 0; done += read)
        {
            if (done + read > plain.Length || !buffer.AsSpan(0, read).SequenceEqual(plain.AsSpan(done, read)))
            {
                throw new InvalidOperationException($"Other bytes than were sealed came out after {done}.");
            }
        }

        return done;
    }

    // True if there were bytes and every one could be read.
    private bool Pages(byte[] content, string id, byte[] plain, Random random)
    {
        using var source = SealedSource.Open(
            new MemorySource(content),
            SealedFile.Of(Snapshot, "file", SealedKind.File, id, content.Length),
            _key
        );
        var reader = source.CreateReader();
        EtcdDrException? refusal = null;
        for (var offset = 0L; offset < source.Length; )
        {
            var length = (int)Math.Min(random.Next(1, 100_000), source.Length - offset);
            try
            {
                if (!reader.Read(offset, length, length).SequenceEqual(plain.AsSpan((int)offset, length)))
                {
                    throw new InvalidOperationException($"Other bytes than were sealed came out at {offset}.");
                }
            }
            catch (EtcdDrException refused)
            {
                // The other chunks may be good; none may come out changed.
                refusal = refused;
            }

            offset += length;
        }

        return refusal is null ? source.Length > 0 : throw refusal;
    }

    private (byte[] Plain, byte[] Sealed, string Id) Seal(Random random, int length)
    {
        var plain = new byte[length];
        random.NextBytes(plain);
        var header = SealedLayout.NewHeader(SealedKind.File);
        using var target = new MemoryStream();
        using var stream = new SealingStream(target, _key, header, "file");
        stream.Write(plain);
        stream.Finish();
        return (plain, target.ToArray(), SealedLayout.IdOf(header));
    }

    private static X509Certificate2 CertificateOf(RSA key)
    {
        var request = new CertificateRequest("CN=fuzz", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}
