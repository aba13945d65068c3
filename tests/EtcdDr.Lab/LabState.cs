using System.Text.Json;
using EtcdDr.Lab.Nodes;
using EtcdDr.Lab.Tools;

namespace EtcdDr.Lab;

/// <summary>What <c>down</c> and a later process need to know of a lab; kept as state.json in its directory.</summary>
internal sealed record LabState
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    public required string Name { get; init; }

    /// <summary>Bridges that the lab made.</summary>
    public IReadOnlyList<string> Bridges { get; init; } = [];

    public IReadOnlyList<SiteState> Sites { get; init; } = [];

    /// <summary>Full version of etcd.</summary>
    public string EtcdVersion { get; init; } = string.Empty;

    public static LabState Read(string directory) =>
        JsonSerializer.Deserialize<LabState>(File.ReadAllText(PathIn(directory)), Format)
        ?? throw new LabException($"{PathIn(directory)} is empty.");

    public static bool Exists(string directory) => File.Exists(PathIn(directory));

    public void Write(string directory)
    {
        var file = PathIn(directory);
        File.WriteAllText(file + ".new", JsonSerializer.Serialize(this, Format));
        File.Move(file + ".new", file, overwrite: true);
    }

    private static string PathIn(string directory) => Path.Combine(directory, "state.json");

    /// <summary>One cluster.</summary>
    internal sealed record SiteState
    {
        public required string Name { get; init; }

        public required string Subnet { get; init; }

        public required string EndpointHost { get; init; }

        public required int EndpointPort { get; init; }

        public IReadOnlyList<NodeSpecification> Nodes { get; init; } = [];
    }
}
