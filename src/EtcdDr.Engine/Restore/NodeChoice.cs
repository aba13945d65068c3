namespace EtcdDr.Engine.Restore;

/// <summary>Which control-plane nodes get the restored state, and which are given up. Pure.</summary>
/// <param name="Survivors">Names of the nodes that the new etcd is made of.</param>
/// <param name="Lost">Names of the others.</param>
internal sealed record NodeChoice(IReadOnlyList<string> Survivors, IReadOnlyList<string> Lost)
{
    /// <summary>
    /// Whether the nodes that are given up could serve without the others: they were a majority of the previous etcd, whose data they still
    /// have. The new members have another cluster id and refuse them as peers, but nothing keeps them from serving clients.
    /// </summary>
    public bool LostCouldServe => RestoreDecision.IsMajority(Lost.Count, Survivors.Count + Lost.Count);

    /// <summary>Makes the choice.</summary>
    /// <param name="cluster">The cluster's name.</param>
    /// <param name="all">Its control-plane nodes.</param>
    /// <param name="survivors">Nodes that are named as being there; empty for all that are not lost.</param>
    /// <param name="lost">Nodes that are named as lost; empty for all that are not named as being there, where any are.</param>
    /// <exception cref="EtcdDrException"><c>NodeNotFound</c>; <c>SurvivorsInvalid</c>: none is left, one is named twice or, where both
    /// lists are given, in neither.</exception>
    public static NodeChoice Of(string cluster, IReadOnlyList<string> all, IReadOnlyList<string> survivors, IReadOnlyList<string> lost)
    {
        if (survivors.Concat(lost).FirstOrDefault(n => !all.Contains(n, StringComparer.Ordinal)) is { } unknown)
        {
            throw new EtcdDrException(
                "NodeNotFound",
                EtcdDrErrorCategory.ObjectNotFound,
                Errors.NodeNotFound.With(cluster, unknown, string.Join(", ", all)),
                Errors.NodeNotFound_ControlPlane_Action,
                unknown
            );
        }

        if (survivors.Count == 0)
        {
            survivors = [.. all.Except(lost, StringComparer.Ordinal)];
        }
        else if (lost.Count == 0)
        {
            lost = [.. all.Except(survivors, StringComparer.Ordinal)];
        }

        var why =
            survivors.Count == 0 ? Errors.SurvivorsInvalid_None_Part
            : survivors.Intersect(lost, StringComparer.Ordinal).FirstOrDefault() is { } both ? Errors.SurvivorsInvalid_Both_Part.With(both)
            : all.Except(survivors, StringComparer.Ordinal).Except(lost, StringComparer.Ordinal).FirstOrDefault() is { } neither
                ? Errors.SurvivorsInvalid_Neither_Part.With(neither)
            : null;
        return why is null
            ? new NodeChoice([.. all.Where(survivors.Contains)], [.. all.Where(lost.Contains)])
            : throw new EtcdDrException(
                "SurvivorsInvalid",
                EtcdDrErrorCategory.InvalidArgument,
                Errors.SurvivorsInvalid.With(cluster, string.Join(", ", all), why),
                Errors.SurvivorsInvalid_Action,
                cluster
            );
    }
}
