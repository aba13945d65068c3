namespace EtcdDr.Engine.Mirror.Checks;

/// <summary>The secondary has the primary's nodes in one role.</summary>
/// <param name="name">Name of the check.</param>
/// <param name="role">The role.</param>
/// <param name="what">What such nodes are called, in the plural.</param>
internal sealed class NodeNamesCheck(string name, NodeRole role, string what) : IMirrorCheck
{
    public string Name => name;

    public string Category => "Nodes";

    public IEnumerable<MirrorFinding> Judge(SiteFacts primary, SiteFacts secondary)
    {
        if (primary.NodeNames(role) is not { } theirs || secondary.NodeNames(role) is not { } ours)
        {
            return [MirrorFinding.Information($"The {what} of one of the sites are not known.")];
        }

        var finding = theirs.SequenceEqual(ours)
            ? MirrorFinding.Pass($"Both sites have the same {ours.Count} {what}.")
            : Differ(theirs, ours);
        return [finding with { Primary = List(theirs), Secondary = List(ours) }];
    }

    private MirrorFinding Differ(IReadOnlyList<string> theirs, IReadOnlyList<string> ours)
    {
        var message = $"The {what} of the primary are {List(theirs)}, those of the secondary are {List(ours)}.";

        // A worker too many joins again after a restore; members of etcd must be the same.
        return role == NodeRole.Worker && !theirs.Except(ours).Any()
            ? MirrorFinding.Warning(
                message,
                "Remove the workers that the primary does not have, or expect them to join anew after a restore."
            )
            : MirrorFinding.Fail(message, "Build the secondary with the primary's node names; objects that are restored refer to them.");
    }

    private static string List(IEnumerable<string> names) => string.Join(", ", names.DefaultIfEmpty("none"));
}
