using EtcdDr.Engine.Snapshots;

namespace EtcdDr.Bench.Fuzzing;

/// <summary>
/// <c>snapshot.json</c>: of a plain snapshot, the readable part of a sealed one and the sealed part. What is accepted must be a snapshot
/// that everything behind it can show and add up: paths that stay inside, sizes and times in range, text without control characters.
/// </summary>
public sealed class ManifestTarget : IFuzzTarget
{
    private const string Place = "/backups/etcd_snapshot_2026-11-22_23-53-31";
    private const int UnitLength = 128;

    private static readonly byte[][] Originals =
    [
        FuzzManifests.Plain.ToJson(),
        FuzzManifests.Sealed.ToJson(),
        FuzzManifests.Inner.ToJson(),
    ];

    /// <inheritdoc/>
    public string Name => "manifest";

    /// <inheritdoc/>
    public FuzzVerdict Try(Random random, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(random);
        var original = Originals[random.Next(Originals.Length)];
        var bytes = random.Next(4) == 0 ? Mutation.Apply(original, random, UnitLength) : JsonMutation.Apply(original, random);
        try
        {
            var manifest = SnapshotManifest.Parse(bytes, $"{Place}/{SnapshotManifest.FileName}");
            Use(manifest);
            return manifest.ToJson().AsSpan().SequenceEqual(original) ? FuzzVerdict.Equal : FuzzVerdict.Different;
        }
        catch (EtcdDrException)
        {
            // A clear error is one of the two right answers.
            return FuzzVerdict.Refused;
        }
    }

    private static void Use(SnapshotManifest manifest)
    {
        var snapshot = manifest.ToSnapshot("etcd_snapshot_2026-11-22_23-53-31", Place, 100);
        var contents = SnapshotRecognizer.Contents(manifest, snapshot, []);
        var shown =
            $"{HumanText.Age(snapshot.Created)} {HumanText.Time(snapshot.Created)} {HumanText.Size(snapshot.Size)} "
            + $"{HumanText.Duration(snapshot.TakenIn ?? default)} {snapshot.Label} "
            + $"{snapshot.Cluster} {snapshot.Server} {snapshot.KubernetesVersion} {snapshot.EtcdVersion} {snapshot.ClusterId} "
            + $"{string.Join(' ', snapshot.Nodes.Select(n => n.Name))}";
        var bad = manifest
            .Files.Select(f => f.Path)
            .Concat(contents.EncryptionConfigs.Select(c => c.Path))
            .FirstOrDefault(p => !StorePath.IsSafe(p));
        if (
            bad is not null
            || shown.Any(char.IsControl)
            || snapshot.Size < 100
            || snapshot.DbSize < 0
            || snapshot.Created.Kind != DateTimeKind.Utc
        )
        {
            throw new InvalidOperationException($"It was taken for good: {shown} {bad}");
        }
    }
}
