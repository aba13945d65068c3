using EtcdDr.Engine.Etcd;
using EtcdDr.Engine.Etcd.Programs;
using EtcdDr.Engine.Restore;

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
                        $"Node '{n.Name}' has no etcdutl or etcdctl of etcd {Minor(n) ?? "(unknown version)"} that can restore, and "
                            + $"no other node has: {Found(n)}",
                        Remedy
                    ) with
                    {
                        Node = n.Name,
                    }
                );
        var tools = RestoreTools.Choose([.. asked.Select(n => n.Facts!)]);
        return MirrorFinding.OrPass(
            findings.Concat(tools.Own.Count > 0 && !tools.Raise && asked.Any(n => !n.Staged) ? [CannotRaise(tools)] : []),
            asked.Count > 0,
            "A program that restores snapshots, and raises their revisions, is within reach."
        );
    }

    // kubernetes/kubernetes#107457: a client that kept a resourceVersion waits for a future that was another past.
    private static MirrorFinding CannotRaise(RestoreTools tools)
    {
        var places = string.Join(", ", tools.Own.Values.Select(t => $"{t.Place} {t.Version}").Distinct());
        return MirrorFinding.Warning(
            $"No program within reach of all nodes can raise the revisions of what it restores ({places}): revisions would go back to "
                + "the snapshot's, and clients that keep one (controllers, kubelets, watches) may miss changes without an error.",
            "Name an etcdutl of the same minor version that has --bump-revision (from 3.5.10 and 3.6.0; etcdctl from 3.4.27) in the "
                + "profile: etcd.toolPath for a path on the nodes. Or restart kubelets, controllers and whatever else watches the API "
                + "after the restore."
        );
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
