using System.Text.Json.Nodes;
using EtcdDr.Lab.Played;

namespace EtcdDr.Lab.Kubelet;

/// <summary>Words for parts of a pod.</summary>
internal static class PodParts
{
    /// <summary>The plain <c>name</c> of a part of a pod (container, volume, variable).</summary>
    public static string PartName(this JsonObject part) => part.Text("name") ?? "";
}
