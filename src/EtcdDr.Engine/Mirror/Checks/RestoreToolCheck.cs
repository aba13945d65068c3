using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Programs;

namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>Each control-plane node has a program that restores snapshots, or one is within reach: on another node, or on this machine to
/// be uploaded.</summary>
internal sealed class RestoreToolCheck : IMirrorCheck
{
    private const string Remedy =
        "Name one in the profile: etcd.toolPath for a path on the nodes, or etcd.uploadTool for a file on this machine.";

    public string Name => "RestoreTool";

    public string Category => "Etcd";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (secondary.UploadTool is { } upload && !File.Exists(upload))
        {
            return [MirrorFinding.Fail($"The profile's etcd.uploadTool, {upload}, is not on this machine.", Remedy)];
        }

        var asked = secondary.ControlPlane.Where(n => n.Facts is not null).ToList();

        // A restore ships one node's program to the others.
        var within =
            secondary.UploadTool is not null || asked.Any(n => EtcdProgram.Restoring(n.Facts!.Programs.Programs, Minor(n)) is not null);
        var findings = within
            ? []
            : asked
                .Where(n => !n.Staged)
                .Select(n =>
                    MirrorFinding.Fail(
                        $"Node '{n.Name}' has no etcdutl or etcdctl of etcd {Minor(n) ?? "(unknown version)"} that can restore, and no other node has: {Found(n)}",
                        Remedy
                    ) with
                    {
                        Node = n.Name,
                    }
                );
        return MirrorFinding.OrPass(findings, asked.Count > 0, "A program that restores snapshots is within reach.");
    }

    private static string? Minor(SiteNode node) => node.Facts?.EtcdVersion is { } version ? EtcdVersions.Minor(version) : null;

    private static string Found(SiteNode node)
    {
        var programs = node.Facts!.Programs;
        var found = programs
            .Programs.Where(p => p.Name != EtcdProgram.Server)
            .Select(p => $"{p.Place} is {p.Version ?? "of an unknown version"}")
            .DefaultIfEmpty("none was found");
        return string.Join(" ", programs.PassedOver.Prepend(string.Join(", ", found) + "."));
    }
}
