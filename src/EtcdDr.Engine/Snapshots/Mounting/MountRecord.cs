using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EtcdDr.Engine.Snapshots.Mounting;

/// <summary>What a node keeps of a mount, for whoever lists it: no secret.</summary>
internal static class MountRecord
{
    /// <summary>As it is kept.</summary>
    internal static string Write(EtcdSnapshotMount mount) =>
        new JsonObject
        {
            ["snapshot"] = mount.Snapshot,
            ["path"] = mount.SnapshotPath,
            ["kubernetes"] = mount.KubernetesVersion,
            ["etcd"] = mount.EtcdVersion,
            ["revision"] = mount.Revision,
            ["started"] = mount.Started.ToString("O", CultureInfo.InvariantCulture),
            ["by"] = mount.By,
        }.ToJsonString();

    /// <summary>Reads the lines of <see cref="MountCommands.List"/>. What is no such line is passed over.</summary>
    internal static IReadOnlyList<EtcdSnapshotMount> Read(string listing, string cluster, string node) =>
        [
            .. listing
                .Split('\n')
                .Select(l => l.Split(' '))
                .Where(w => w is ["mount", _, "held" or "left", _])
                .Select(w => One(w, cluster, node)),
        ];

    private static EtcdSnapshotMount One(string[] words, string cluster, string node)
    {
        var about = About(words[3]);
        return new EtcdSnapshotMount
        {
            Id = words[1],
            Cluster = cluster,
            Node = node,
            State = words[2] == "held" ? EtcdSnapshotMountState.Held : EtcdSnapshotMountState.Left,
            Snapshot = Text(about, "snapshot") ?? "?",
            SnapshotPath = Text(about, "path"),
            KubernetesVersion = Text(about, "kubernetes"),
            EtcdVersion = Text(about, "etcd"),
            Revision = about?["revision"] is JsonValue number && number.TryGetValue<long>(out var revision) ? revision : 0,
            Started = DateTime.TryParse(
                Text(about, "started"),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal,
                out var started
            )
                ? started
                : default,
            By = Text(about, "by"),
        };
    }

    private static string? Text(JsonObject? about, string name) =>
        about?[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonObject? About(string coded)
    {
        try
        {
            return JsonNode.Parse(Convert.FromBase64String(coded)) as JsonObject;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }
}
