using EtcdDr.Engine.Objects;
using EtcdDr.Engine.Objects.Sources;

namespace EtcdDr.Tests.ClusterObjects;

/// <summary>Objects out of texts in tests.</summary>
internal static class Manifest
{
    public static IReadOnlyList<KubeObject> All(string yaml) => [.. ManifestText.Read(yaml, "test")];

    public static KubeObject One(string yaml) => Assert.Single(All(yaml));
}
