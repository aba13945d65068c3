using EtcdDr.Engine.ControlPlane.Manifests;
using EtcdDr.Engine.Ssh;

namespace EtcdDr.Engine.Etcd.Programs;

/// <summary>
/// etcd's programs on a node, those first that come first: what the profile names, the image of etcd's static pod, the path of root. None
/// of them was run outside of a jail to find out.
/// </summary>
internal sealed record NodePrograms
{
    /// <summary>What was found.</summary>
    public IReadOnlyList<EtcdProgram> Programs { get; init; } = [];

    /// <summary>What was passed over, in sentences: files that others than root may change, a container that is not of the manifest's
    /// image.</summary>
    public IReadOnlyList<string> PassedOver { get; init; } = [];

    /// <summary>Whether the node can run a program as a user of its own, without network and in a root of its own.</summary>
    public bool HasJail => WhyNoJail is null;

    /// <summary>Why not, in words; null where it can.</summary>
    public string? WhyNoJail { get; init; }

    /// <summary>Version of the etcd that the manifest runs, by its program or its image's tag; null where neither tells it.</summary>
    public string? EtcdVersion { get; init; }

    /// <summary>Looks for them.</summary>
    /// <param name="host">The node.</param>
    /// <param name="etcd">etcd's manifest there; null where there is none, so that only the profile's path and root's path are looked
    /// at.</param>
    /// <param name="container">The container that runs from it; null for none.</param>
    /// <param name="endpoint">The container runtime's endpoint; empty for crictl's own.</param>
    /// <param name="toolPath">The profile's path; null for none.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<NodePrograms> ReadAsync(
        IRemoteHost host,
        StaticPodManifest? etcd,
        EtcdContainer? container,
        string endpoint,
        string? toolPath,
        CancellationToken cancellationToken
    )
    {
        var look = ProgramCommands.Look.With(
            endpoint,
            etcd?.Image ?? string.Empty,
            container?.Text ?? string.Empty,
            toolPath ?? string.Empty
        );
        return Parse((await host.RunAsync(look, cancellationToken)).Text, etcd?.Image ?? string.Empty, container);
    }

    /// <summary>Reads what <see cref="ProgramCommands.Look"/> printed.</summary>
    /// <param name="text">What it printed.</param>
    /// <param name="image">The image that the manifest names.</param>
    /// <param name="container">The container that was asked for; null for none.</param>
    public static NodePrograms Parse(string text, string image, EtcdContainer? container)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .ToList();
        var passedOver = lines.Where(l => l is ["refused", _]).Select(l => ProgramListing.Plain(l[1])).ToList();
        var named = lines.Where(l => l[0] == "image").SelectMany(l => l.Skip(1)).ToList();
        var trusted = container is null || container.IsOf(named);
        if (!trusted)
        {
            passedOver.Add($"The etcd that runs is not of the image that its manifest names, {image}, so its programs are passed over.");
        }

        var programs = lines
            .Where(l => l is ["program", _, _, ..])
            .Select(l => Program(l, image))
            .Where(p => trusted || !p.Source.IsContainer)
            .ToList();
        return new NodePrograms
        {
            Programs = programs,
            PassedOver = [.. passedOver.Distinct(StringComparer.Ordinal)],
            WhyNoJail = lines.Find(l => l[0] == "jail") switch
            {
                ["jail", "yes"] => null,
                ["jail", "failed", var why] => $"the node cannot give it a user and a root of its own ({ProgramListing.Plain(why).Trim()})",
                _ => "the node has no unshare and setpriv (util-linux) for a user and a root of its own",
            },
            EtcdVersion =
                programs.FirstOrDefault(p => p.Name == EtcdProgram.Server && !p.Source.IsFile)?.Version ?? EtcdVersions.OfImage(image),
        };
    }

    private static EtcdProgram Program(string[] words, string image)
    {
        var source = new ProgramSource(ProgramListing.Plain(words[2]));
        var signs = words.Length > 3 ? ProgramListing.Plain(words[3]) : string.Empty;
        return new EtcdProgram(words[1], source, source.IsFile ? ProgramVersion.Read(signs) : ProgramVersion.OfImage(signs, image));
    }
}
