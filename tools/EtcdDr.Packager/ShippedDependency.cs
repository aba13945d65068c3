namespace EtcdDr.Packager;

/// <summary>A NuGet package whose assemblies the module ships.</summary>
public sealed record ShippedDependency
{
    public required string Id { get; init; }

    public required string Version { get; init; }

    /// <summary>SHA-512 of the <c>.nupkg</c>, lower-case hexadecimal, as NuGet verified it.</summary>
    public required string Sha512 { get; init; }

    /// <summary>SPDX expression.</summary>
    public required string Licence { get; init; }

    public required string Authors { get; init; }

    public string? Copyright { get; init; }

    public string? ProjectUrl { get; init; }

    public string? RepositoryUrl { get; init; }

    /// <summary>Names of its assemblies.</summary>
    public required IReadOnlyList<string> Assemblies { get; init; }

    /// <summary>Ids of the packages that it needs.</summary>
    public required IReadOnlyList<string> Needs { get; init; }

    /// <summary>Licence and notice files that the package brings, by name.</summary>
    public required IReadOnlyList<(string Name, string Text)> Notices { get; init; }

    /// <summary>Package URL.</summary>
    public string Purl => $"pkg:nuget/{Id}@{Version}";
}
