using System.Text;
using EtcdDr.Engine.Etcd.Database;
using EtcdDr.Engine.Operations;
using EtcdDr.Engine.Snapshots.Verification;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Snapshots.Keys;

/// <summary>
/// Lists what a snapshot's database holds, without any cluster. The file is read twice: once for which version of each key is the latest,
/// which takes a bit for each record and at most 64 MiB for a table, once for the keys themselves, which are handed on as they come.
/// </summary>
public sealed class SnapshotKeyReader(IRemoteHostFactory hosts, OperationContext context)
{
    /// <summary>Hands on the keys that a query wants, in the order of their last change.</summary>
    /// <exception cref="EtcdDrException">The snapshot or its database cannot be read.</exception>
    public Task ReadAsync(EtcdSnapshot snapshot, SnapshotKeyQuery query, Action<EtcdSnapshotKey> take, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(take);
        return OpenAsync(snapshot, database => Read(database, snapshot.ToString(), query, take, cancellationToken), cancellationToken);
    }

    /// <summary>Measures what fills a snapshot's database.</summary>
    /// <param name="snapshot">The snapshot.</param>
    /// <param name="largest">How many of the largest objects are wanted.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="EtcdDrException">The snapshot or its database cannot be read.</exception>
    public async Task<EtcdSnapshotMeasure> MeasureAsync(EtcdSnapshot snapshot, int largest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        EtcdSnapshotMeasure? measure = null;
        await OpenAsync(
            snapshot,
            database =>
            {
                var summary = database.Summarize(null, cancellationToken);
                var tally = new SnapshotTally(largest);
                Read(database, snapshot.ToString(), new SnapshotKeyQuery(), tally.Add, cancellationToken);
                measure = tally.ToMeasure(snapshot.ToString(), summary);
            },
            cancellationToken
        );
        return measure!;
    }

    private static void Read(
        EtcdDatabase database,
        string snapshot,
        SnapshotKeyQuery query,
        Action<EtcdSnapshotKey> take,
        CancellationToken cancellationToken
    )
    {
        var prefix = Encoding.UTF8.GetBytes(query.Prefix);
        database.ForEachLiveKey(
            (in MvccRecord record) =>
            {
                if (record.Key.StartsWith(prefix) && Describe(snapshot, record, query) is { } key)
                {
                    take(key);
                }

                return true;
            },
            cancellationToken
        );
    }

    private static EtcdSnapshotKey? Describe(string snapshot, in MvccRecord record, SnapshotKeyQuery query)
    {
        var text = Encoding.UTF8.GetString(record.Key);
        var place = KubernetesKey.Parse(text);
        var value = KubernetesValue.Read(record.Value, query.Value);
        var kind = value.Kind ?? place.Resource;
        var name = value.Name ?? place.Name;

        // Where the value names the object it also says whether it has a namespace.
        var space = value.Name is null ? place.Namespace : value.Namespace;
        if (
            !Wanted(query.Kind, kind, place.Resource)
            || !Wanted(query.Namespace, space ?? string.Empty, null)
            || !Wanted(query.Name, name, null)
        )
        {
            return null;
        }

        var secret = value.Kind == "Secret" || place.Resource == "secrets" || text.Contains("/secrets/", StringComparison.Ordinal);
        var show = query.Value && (!secret || query.SecretValue);
        return new EtcdSnapshotKey
        {
            Snapshot = snapshot,
            Key = text,
            Kind = kind,
            ApiVersion = value.ApiVersion,
            Namespace = space,
            Name = name,
            CreateRevision = record.CreateRevision,
            ModRevision = record.ModRevision,
            Version = record.Version,
            Size = record.Value.Length,
            Lease = record.Lease == 0 ? null : record.Lease.ToString("x16"),
            Encoding = value.Encoding,
            EncryptedBy = value.EncryptedBy,
            Metadata =
                secret && !show && value.Metadata is { } metadata
                    ? metadata with
                    {
                        Annotations = new Dictionary<string, string>(),
                    }
                    : value.Metadata,
            Value = show ? record.Value.ToArray() : null,
            Withheld = query.Value && !show,
        };
    }

    private static bool Wanted(Func<string, bool>? filter, string? one, string? other) =>
        filter is null || (one is not null && filter(one)) || (other is not null && filter(other));

    private async Task OpenAsync(EtcdSnapshot snapshot, Action<EtcdDatabase> read, CancellationToken cancellationToken)
    {
        await using var reader = await SnapshotReader.OpenAsync(snapshot, hosts, context, cancellationToken);
        context.Sink.Progress(new ProgressUpdate($"Read {snapshot}", null, $"Reading the database of {HumanText.Size(snapshot.DbSize)}"));
        using var local = await LocalDatabase.OpenAsync(reader, null, cancellationToken);
        using var database = EtcdDatabase.Open(local.OpenSource());
        read(database);
    }
}
