using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Snapshots.Verification;
using EtcdDr.Engine.Yaml;

namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>What a mount serves: a snapshot's database, proven and measured, and what opens its encrypted values.</summary>
/// <param name="Database">The database.</param>
/// <param name="Found">What the reader found in it.</param>
/// <param name="Sha256">SHA-256 of the plain file, lower-case hexadecimal.</param>
/// <param name="Encryption">The configuration of encryption at rest; null where the snapshot has none.</param>
internal sealed record MountSubject(LocalDatabase Database, DatabaseSummary Found, string Sha256, byte[]? Encryption) : IDisposable
{
    private const long Reserve = 256L * 1024 * 1024;
    private const long LeastMemory = 1024L * 1024 * 1024;

    /// <summary>Free bytes on disk that it needs: the restore copies the file once, and etcd may write as much again.</summary>
    internal long NeededBytes => (Found.DbSize * 2) + Reserve;

    /// <summary>Bytes of memory that both programs may use. 270 MB were measured with a small database; one page of large objects is in
    /// memory several times.</summary>
    internal long MemoryBytes => LeastMemory + (Found.DbSize * 2);

    /// <summary>How long the restore and the start may take. Twenty MiB a second is a slow disk; the bound is for what hangs.</summary>
    internal TimeSpan Limit => TimeSpan.FromMinutes(3) + TimeSpan.FromSeconds(Found.DbSize / (20.0 * 1024 * 1024));

    /// <summary>Reads a snapshot; its seal is opened here.</summary>
    /// <param name="reader">The snapshot; it must stay open as long as the result.</param>
    /// <param name="warn">Is told what will not be readable.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException"><c>SnapshotAltered</c>, <c>MountKmsUnsupported</c>, <c>MountEncryptionUnreadable</c>, and what
    /// reading the database throws.</exception>
    internal static async Task<MountSubject> ReadAsync(SnapshotReader reader, Action<string> warn, CancellationToken cancellationToken)
    {
        await reader.UnlockAsync(cancellationToken);
        var encryption = await EncryptionAsync(reader, cancellationToken);
        var database = await LocalDatabase.OpenAsync(reader, null, cancellationToken);
        try
        {
            var summing = Task.Run(() => database.Sum(null, cancellationToken), cancellationToken);
            var reading = Task.Run(() => Read(database, cancellationToken), cancellationToken);
            await Task.WhenAll(summing, reading);
            var (sums, found) = (await summing, await reading);
            Check(reader, sums);
            if (found.EncryptedRecords > 0 && encryption is null)
            {
                warn(
                    $"{found.EncryptedRecords} values in '{reader.Snapshot}' were encrypted at rest, and it holds no configuration that "
                        + "opens them: such objects cannot be read out of it."
                );
            }

            return new MountSubject(database, found, sums.Sha256, encryption);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Database.Dispose();
        System.Security.Cryptography.CryptographicOperations.ZeroMemory(Encryption);
    }

    private static DatabaseSummary Read(LocalDatabase database, CancellationToken cancellationToken)
    {
        using var opened = EtcdDatabase.Open(database.OpenSource());
        return opened.Summarize(null, cancellationToken);
    }

    private static void Check(SnapshotReader reader, DatabaseSums sums)
    {
        if (sums.TrailerAgrees == false || (reader.DatabaseSha256 is { } recorded && recorded != sums.Sha256))
        {
            throw SnapshotErrors.Altered(reader.Snapshot.ToString(), Errors.SnapshotAltered_Sums_Part.With($"'{reader.DatabasePath}'"));
        }
    }

    private static async Task<byte[]?> EncryptionAsync(SnapshotReader reader, CancellationToken cancellationToken)
    {
        if (reader.EncryptionConfigs is not [var config, ..])
        {
            return null;
        }

        var content = await reader.ReadFileAsync(config.Path, cancellationToken);
        try
        {
            return MountFiles.AsksKms(System.Text.Encoding.UTF8.GetString(content)) ? throw Kms(reader) : content;
        }
        catch (YamlFormatException e)
        {
            throw new EtcdDrException(
                "MountEncryptionUnreadable",
                EtcdDrErrorCategory.InvalidData,
                Errors.MountEncryptionUnreadable.With(reader.Snapshot, config.Path, e.Line),
                Errors.MountEncryptionUnreadable_Action,
                reader.Snapshot.ToString(),
                e
            );
        }
    }

    private static EtcdDrException Kms(SnapshotReader reader) =>
        new(
            "MountKmsUnsupported",
            EtcdDrErrorCategory.NotImplemented,
            Errors.MountKmsUnsupported.With(reader.Snapshot),
            Errors.MountKmsUnsupported_Action,
            reader.Snapshot.ToString()
        );
}
