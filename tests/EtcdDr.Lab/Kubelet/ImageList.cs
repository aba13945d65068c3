using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>The images that the node has: /opt/lab/images/images.json.</summary>
internal static class ImageList
{
    public const string DefaultPath = "/opt/lab/images/images.json";

    /// <summary>The root file system of <paramref name="image"/>; null when the node does not have it.</summary>
    public static string? RootOf(string image, string path = DefaultPath)
    {
        if (!File.Exists(path) || JsonNode.Parse(File.ReadAllText(path)) is not JsonArray images)
            return null;
        return images.OfType<JsonObject>().FirstOrDefault(i => i.Text("image") == image).Text("rootfs");
    }
}
