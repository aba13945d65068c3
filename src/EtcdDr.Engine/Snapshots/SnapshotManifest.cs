using System.Text.Json;
using System.Text.Json.Serialization;
using EtcdDr.Engine.Snapshots.Sealing;

namespace EtcdDr.Engine.Snapshots;

/// <summary>What <c>snapshot.json</c> holds: what a snapshot is, where it came from, and every one of its files.</summary>
public sealed record SnapshotManifest
{
    /// <summary>Name of the manifest in a snapshot's directory. It is written last.</summary>
    public const string FileName = "snapshot.json";

    /// <summary>The format's version of snapshots that are not sealed.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The format's version of sealed snapshots: readers that know nothing of the seal must not take its readable part for the
    /// whole. Version 2 was sealed too, with keys that did not depend on the readable part.</summary>
    public const int SealedVersion = 3;

    /// <summary>A manifest larger than this is not read.</summary>
    public const int MaximumLength = 64 * 1024 * 1024;

    /// <summary>What every manifest has; a default in place of it would be a guess.</summary>
    private static readonly string[] Required = ["formatVersion", "created", "files"];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false) },
    };

    /// <summary>Version of the format.</summary>
    public int FormatVersion { get; init; } = CurrentVersion;

    /// <summary>The operator's words for it.</summary>
    public string? Label { get; init; }

    /// <summary>When it was taken, UTC.</summary>
    public DateTime Created { get; init; }

    /// <summary>How long taking it took, seconds.</summary>
    public double? TakenInSeconds { get; init; }

    /// <summary>What wrote it, for example <c>EtcdDr 0.1.0</c>.</summary>
    public string? Tool { get; init; }

    /// <summary>Name of the cluster in the profile of whoever took it.</summary>
    public string? Cluster { get; init; }

    /// <summary>kube-api endpoint.</summary>
    public string? Server { get; init; }

    /// <summary>Kubernetes version of the apiserver.</summary>
    public string? KubernetesVersion { get; init; }

    /// <summary>etcd version of the member that the database came from.</summary>
    public string? EtcdVersion { get; init; }

    /// <summary>etcd cluster id, 16 hexadecimal digits.</summary>
    public string? ClusterId { get; init; }

    /// <summary>The member that the database came from: its name.</summary>
    public string? Member { get; init; }

    /// <summary>The leader at that time: its name.</summary>
    public string? Leader { get; init; }

    /// <summary>Revision of the keyspace.</summary>
    public long? Revision { get; init; }

    /// <summary>Revision up to which the keyspace was compacted; -1 for never. HashKV values compare only where it is equal.</summary>
    public long? CompactRevision { get; init; }

    /// <summary>HashKV at <see cref="Revision"/>.</summary>
    public long? HashKv { get; init; }

    /// <summary>Keys that exist at <see cref="Revision"/>.</summary>
    public long? KeyCount { get; init; }

    /// <summary>Path of the database in the snapshot.</summary>
    public string Database { get; init; } = "etcd-snapshot.db";

    /// <summary>Nodes at that time.</summary>
    public IReadOnlyList<SnapshotNode> Nodes { get; init; } = [];

    /// <summary>Pod CIDRs.</summary>
    public string? PodCidr { get; init; }

    /// <summary>Service CIDRs.</summary>
    public string? ServiceCidr { get; init; }

    /// <summary>Issuers of service-account tokens, in the apiserver's order.</summary>
    public IReadOnlyList<string> ServiceAccountIssuers { get; init; } = [];

    /// <summary>Whether the apiserver encrypts secrets at rest.</summary>
    public bool? EncryptionAtRest { get; init; }

    /// <summary>Files that <c>--encryption-provider-config</c> names on the nodes: path on the node and path in the snapshot.</summary>
    public IReadOnlyList<SnapshotKeyFile> EncryptionConfigs { get; init; } = [];

    /// <summary>What was not as it should be when the snapshot was taken: members or nodes that were away, alarms, what <c>-Force</c>
    /// passed over.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Every file of the snapshot except the manifest itself and what restores add below <c>restore_attempted_*</c>.</summary>
    public IReadOnlyList<SnapshotFile> Files { get; init; } = [];

    /// <summary>In the readable part of a sealed snapshot's manifest: the seal. <see cref="Files"/> are the sealed files then, and nothing
    /// but what listing and retention need stands beside it.</summary>
    public SnapshotSeal? Seal { get; init; }

    /// <summary>In the sealed manifest: for each of <see cref="Files"/> the path of the sealed file that holds it.</summary>
    public IReadOnlyDictionary<string, string>? SealedAs { get; init; }

    /// <summary>The snapshot that the manifest tells of, as users see it.</summary>
    /// <param name="name">Name of its directory.</param>
    /// <param name="path">Absolute path of its directory.</param>
    /// <param name="manifestLength">Length of the manifest itself, bytes.</param>
    public EtcdSnapshot ToSnapshot(string name, string path, long manifestLength) =>
        new()
        {
            Name = name,
            Path = path,
            Format = SnapshotFormat.EtcdDr,
            Label = Shown(Label),
            Created = CreatedUtc,
            TakenIn = TakenInSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            Cluster = Shown(Cluster),
            Server = Shown(Server),
            KubernetesVersion = Shown(KubernetesVersion),
            EtcdVersion = Shown(EtcdVersion),
            ClusterId = Shown(ClusterId),
            Revision = Revision,
            HashKv = HashKv,
            KeyCount = KeyCount,
            DbSize = Files.FirstOrDefault(f => f.Path == Database)?.Size ?? 0,
            Size = Files.Sum(f => f.Size) + manifestLength,
            Nodes = [.. Nodes.Select(n => n with { Address = Shown(n.Address) })],
            EncryptionAtRest = EncryptionAtRest,
            Sealed = Seal is not null || SealedAs is not null,
            SealState =
                Seal is not null ? SnapshotSealState.Unproven
                : SealedAs is not null ? SnapshotSealState.Proven
                : SnapshotSealState.None,
            Files = Files,
        };

    /// <summary>When it was taken. A time without a zone is UTC, as this module writes it.</summary>
    internal DateTime CreatedUtc =>
        Created.Kind == DateTimeKind.Local ? Created.ToUniversalTime() : DateTime.SpecifyKind(Created, DateTimeKind.Utc);

    /// <summary>The manifest as JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Json);

    /// <summary>Reads a manifest and checks what it claims about itself.</summary>
    /// <param name="json">The file's content.</param>
    /// <param name="place">Where it stands, for messages.</param>
    /// <exception cref="EtcdDrException"><c>SnapshotManifestInvalid</c>, <c>SnapshotVersionUnknown</c>,
    /// <c>PathOutsideStore</c>.</exception>
    public static SnapshotManifest Parse(ReadOnlySpan<byte> json, string place)
    {
        SnapshotManifest? manifest;
        IReadOnlyList<string> names;
        try
        {
            manifest = JsonSerializer.Deserialize<SnapshotManifest>(json, Json);
            names = Names(json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: a name that is not UTF-8.
            throw Invalid(place, e.Message, e);
        }

        if (manifest is null)
        {
            throw Invalid(place, Errors.SnapshotManifestInvalid_Empty_Part, null);
        }

        if (manifest.FormatVersion is < 1 or > SealedVersion)
        {
            throw new EtcdDrException(
                "SnapshotVersionUnknown",
                EtcdDrErrorCategory.InvalidData,
                Errors.SnapshotVersionUnknown.With(place, manifest.FormatVersion, SealedVersion),
                Errors.SnapshotVersionUnknown_Action,
                place
            );
        }

        if (Required.Except(names, StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 0 } missing)
        {
            var named = string.Join(Errors.SnapshotManifestInvalid_AndNo_Part, missing.Select(m => $"'{m}'"));
            throw Invalid(place, Errors.SnapshotManifestInvalid_Missing_Part.With(named), null);
        }

        return ManifestCheck.Fault(manifest, place) is { } fault ? throw Invalid(place, fault, null) : manifest;
    }

    private static string? Shown(string? text) => text is null ? null : StorePath.Printable(text);

    // Names of the outermost object, for a text that has been found well-formed.
    private static List<string> Names(ReadOnlySpan<byte> json)
    {
        var names = new List<string>();
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            names.Add(reader.GetString()!);
            reader.Skip();
        }

        return names;
    }

    private static EtcdDrException Invalid(string place, string why, Exception? error) =>
        new(
            "SnapshotManifestInvalid",
            EtcdDrErrorCategory.InvalidData,
            Errors.SnapshotManifestInvalid.With(place, why),
            Errors.SnapshotManifestInvalid_Action,
            place,
            error
        );
}
